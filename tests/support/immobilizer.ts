import type { Installation } from '#domain/immobilization/installation.ts';
import type { Sighting } from '#domain/immobilization/stillness.ts';
import type { Instant, Moment } from '#domain/kernel/instant.ts';
import { berlin, euro, operation, owner, van } from './samples.ts';

/** A starter interrupt, as its installer writes it down: it can stop no engine that runs. */
export const starter: Omit<Installation, 'installation'> = {
  method: 'vialon_relay',
  unit: 'unit-1',
  output: 1,
  blocks_when_on: true,
  interrupts: 'starter',
  speed_guard_tested_on: null,
  ignition_from: 'wire',
  defers_when_refused: false,
  installer: 'shop-7',
  certificate: 'C-1',
};

/** A reading of a vehicle that stands with its ignition off, made and received at an instant. */
export const parkedAt = (at: Instant, change: Partial<Sighting> = {}): Sighting => ({
  at,
  receivedAt: at,
  buffered: false,
  valid: true,
  speed_kmh: 0,
  ignition: false,
  moved: null,
  dout: null,
  zone: null,
  ...change,
});

/** The command that registers the van, at a moment. */
export const registerVan = (when: Moment) =>
  ({
    type: 'RegisterVehicle',
    vehicle: van,
    ...{ park: berlin, owner, make: 'Renault', model: 'Twizy', year: 2021, pii: [] },
    vinCheck: 'no_check_digit',
    ...{ currency: euro, odometer_m: 0, operation, when },
  }) as const;

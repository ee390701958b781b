import { randomBytes } from 'node:crypto';
import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import { deriveUuid } from '#commands/identity.ts';
import { DeviceIdent, Tenant, VehicleId } from '#domain/kernel/ids.ts';
import { deviceKey } from '#ingest/bindings.ts';
import { fingerprintOf } from '#ingest/fingerprint.ts';
import type { Reading } from '#ingest/formats/reading.ts';
import type { Arrival, Binding, Bindings } from '#ingest/ports.ts';
import type { Quarantined } from '#ingest/quarantine.ts';
import type { TelemetryRow } from '#ingest/telemetryRow.ts';
import { plainReading } from './plainReading.ts';

export const SECOND_US = 1_000_000;
export const MINUTE_US = 60 * SECOND_US;
export const HOUR_US = 60 * MINUTE_US;
export const DAY_US = 24 * HOUR_US;

/** 2026-03-02T08:00:00Z, what tests take for now. */
export const NOON_US = Date.parse('2026-03-02T08:00:00.000Z') * 1_000;

const random = () => randomBytes(8).toString('hex');

const randomTenant = (): Tenant => Tenant.parse(`t${random()}`);
export const randomVehicle = (): VehicleId => VehicleId.parse(deriveUuid('test', random()));
export const randomIdent = (): DeviceIdent => DeviceIdent.parse(`dev-${random()}`);

/** A reading that tells little, and whatever else it is given. */
export const reading = (told: Partial<Reading> = {}): Reading => ({
  ...plainReading(DeviceIdent.parse('dev-1'), NOON_US),
  ...told,
});

/** A device in a vehicle of a tenant, none of which anybody else has. */
export const randomDevice = () => {
  const [tenant, vehicle, ident] = [randomTenant(), randomVehicle(), randomIdent()];
  return {
    tenant,
    vehicle,
    ident,
    /** A row of its, received when it was told unless something else is said. */
    row: (told: Partial<TelemetryRow> = {}): TelemetryRow => {
      const { flags = [], ...rest } = told;
      const plain = reading({ ident });
      const device_time_us = told.device_time_us ?? NOON_US;
      const row: TelemetryRow = {
        ...plain,
        tenant,
        vehicle,
        received_at_us: device_time_us,
        source: 'mqtt/native',
        fingerprint: 0n,
        ...rest,
        flags,
      };
      return { ...row, fingerprint: told.fingerprint ?? fingerprintOf({ ...row, flags: [] }) };
    },
    /** All of its rows, and all of what it was asked for. */
    all: { tenant, vehicle, from_us: 0, to_us: 5e15, after: null, limit: 10_000 },
  };
};

export type Device = ReturnType<typeof randomDevice>;

/** A message with some readings, and whatever else it is given. */
export const arrival = (
  { tenant, ident }: Pick<Device, 'tenant' | 'ident'>,
  readings: readonly Partial<Reading>[],
  told: Partial<Arrival> = {},
): Arrival => ({
  tenant,
  ident,
  listener: 'mqtt',
  format: 'native',
  received_at_us: NOON_US,
  readings: readings.map((each) => reading({ ident, ...each })),
  rejects: [],
  raw: Buffer.from(JSON.stringify(readings)),
  ...told,
});

/** Something to be kept in quarantine. */
export const quarantined = (
  { tenant, ident }: Pick<Device, 'tenant' | 'ident'>,
  told: Partial<Quarantined> = {},
): Quarantined => ({
  tenant,
  ident,
  sender: ident,
  code: 'DeviceUnbound',
  field: null,
  listener: 'mqtt',
  format: 'native',
  elements: 1,
  received_at_us: NOON_US,
  raw: Buffer.from('{}'),
  replay: false,
  ...told,
});

/** Which device is in which vehicle, in memory; devices are fitted as tests go on. */
export const memoryBindings = () => {
  const known = new Map<string, readonly Binding[]>();
  const bindings: Bindings = {
    ofDevices: () => async () => right((device) => known.get(deviceKey(device)) ?? []),
  };
  const bind = (
    { vehicle, ...device }: Pick<Device, 'tenant' | 'vehicle' | 'ident'>,
    from_us = 0,
    to_us: number | null = null,
  ): void => {
    const key = deviceKey(device);
    known.set(key, [...(known.get(key) ?? []), { vehicle, from_us, to_us }]);
  };
  return { bindings, bind };
};

/** The result of what must succeed. */
export const rightOf = <Failure, Result>(either: Either<Failure, Result>): Result => {
  if (isLeft(either)) throw new Error(`refused: ${JSON.stringify(either.left)}`);
  return either.right;
};

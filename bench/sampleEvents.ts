import { digestOf } from '#commands/digest.ts';
import { deriveUuid, eventIdOf } from '#commands/identity.ts';
import type { LedgerEvent } from '#domain/kernel/event.ts';
import {
  ActorId,
  CommandId,
  DriverId,
  ParkId,
  RentalId,
  Tenant,
  TripId,
  VehicleId,
} from '#domain/kernel/ids.ts';
import { Instant, LocalDate, Zone } from '#domain/kernel/instant.ts';
import { logbookStream } from '#domain/kernel/streams.ts';
import { TripRecorded } from '#domain/trips/events.ts';

const tenant = Tenant.parse('bench');
const zone = Zone.parse('Africa/Casablanca');
const localDate = LocalDate.parse('2026-03-02');
const actor = {
  kind: 'user',
  id: ActorId.parse(deriveUuid('bench', 'actor')),
  role: 'operator',
} as const;

/** A maker of trips as they are recorded in earnest, all different, in the logbook of one vehicle. */
export const tripsOf = (seed: string) => {
  const id = (kind: string, number = 0) => deriveUuid('bench', seed, kind, String(number));
  const vehicle = VehicleId.parse(id('vehicle'));
  const driver = DriverId.parse(id('driver'));
  const park = ParkId.parse(id('park'));
  const rental = RentalId.parse(`${vehicle}~${id('rental')}`);
  const stream = logbookStream(tenant, vehicle, 0);
  const next = (number: number): LedgerEvent => {
    const command = CommandId.parse(id('command', number));
    const start_ms = Date.UTC(2026, 2, 2) + number * 60_000;
    const at = Instant.parse(new Date(start_ms).toISOString());
    const data = {
      trip: TripId.parse(`${vehicle}~${id('trip', number)}`),
      vehicle,
      park,
      driver,
      rental,
      endedAt: Instant.parse(new Date(start_ms + 50_000).toISOString()),
      measure: { distance_m: 1_000 + number, duration_s: 50, max_speed_kmh: 72, over_limit_s: 0 },
      evidence: null,
      factHash: digestOf({ seed, number }),
    };
    return {
      id: eventIdOf(command, 0),
      type: TripRecorded.type,
      schema: TripRecorded.schema,
      tenant,
      stream,
      occurredAt: at,
      zone,
      localDate,
      actor,
      commandId: command,
      contentHash: digestOf({ number }),
      correlationId: command,
      causationId: null,
      keys: [...TripRecorded.subjects(data)],
      data,
      pii: [],
      sealed: [],
    };
  };
  return { stream, next };
};

/** That many trips of one vehicle, made beforehand so that making them is not measured. */
export const tripList = (seed: string, count: number) => {
  const trips = tripsOf(seed);
  return {
    stream: trips.stream,
    events: Array.from({ length: count }, (_, number) => trips.next(number)),
  };
};

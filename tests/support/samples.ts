import { DateTime } from 'luxon';
import type { PiiDigest } from '#domain/kernel/event.ts';
import {
  CommandId,
  Digest,
  DocumentId,
  DriverId,
  EventId,
  FineId,
  IncidentId,
  ParkId,
  PartyId,
  RentalId,
  Tenant,
  TripId,
  VehicleId,
} from '#domain/kernel/ids.ts';
import { Instant, LocalDate, Moment } from '#domain/kernel/instant.ts';
import { Currency, Money } from '#domain/kernel/money.ts';

const LAST_GROUP_DIGITS = 12;
const DIGEST_DIGITS = 64;

/** The n-th UUID of version 8 for tests: distinct for distinct n below 2^48, and easy to tell apart. */
export const uuid8 = (n: number): string =>
  `00000000-0000-8000-8000-${n.toString(16).padStart(LAST_GROUP_DIGITS, '0')}`;

/** A digest for tests, the hexadecimal digits of n. */
export const digest = (n: number): Digest =>
  Digest.parse(n.toString(16).padStart(DIGEST_DIGITS, '0'));

/** The moment of an instant, with the local date that the zone's rules give. */
export const moment = (at: string, zone = 'Europe/Berlin'): Moment =>
  Moment.parse({ at, zone, localDate: DateTime.fromISO(at, { zone }).toISODate() });

/** An amount in minor units. */
export const money = (amount: string, currency = 'EUR'): Money => Money.parse({ amount, currency });

/** The digest of an entry of the vault about a driver, the n-th of its class. */
export const piiDigest = (kind: PiiDigest['class'], n: number): PiiDigest => ({
  subject: ann,
  class: kind,
  digest: digest(n),
});

/** Three moments of one Monday in Berlin, in order. */
export const morning = moment('2026-03-02T08:00:00.000Z');
export const noon = moment('2026-03-02T12:00:00.000Z');
export const evening = moment('2026-03-02T18:00:00.000Z');

export const acme = Tenant.parse('acme');
export const euro = Currency.parse('EUR');
export const lira = Currency.parse('TRY');

/** Two parks, two vehicles, and their owner. */
export const berlin = ParkId.parse(uuid8(0x10));
export const izmir = ParkId.parse(uuid8(0x11));
export const van = VehicleId.parse(uuid8(0x20));
export const car = VehicleId.parse(uuid8(0x21));
export const owner = PartyId.parse(uuid8(0x30));

/** Two drivers. */
export const ann = DriverId.parse(uuid8(0x40));
export const bob = DriverId.parse(uuid8(0x41));

/** What lies in the stream of the van: a rental of each driver, and a trip. */
export const rentalOfAnn = RentalId.parse(`${van}~${uuid8(0x50)}`);
export const rentalOfBob = RentalId.parse(`${van}~${uuid8(0x51)}`);
export const trip = TripId.parse(`${van}~${uuid8(0x52)}`);

/** One of each other thing that has an id. */
export const fine = FineId.parse(uuid8(0x60));
export const incident = IncidentId.parse(uuid8(0x61));
export const licence = DocumentId.parse(uuid8(0x62));
export const operation = CommandId.parse(uuid8(0x63));
export const basis = EventId.parse(uuid8(0x64));

/** A day, and an instant, as text that is known to be right. */
export const day = (text: string): LocalDate => LocalDate.parse(text);
export const instant = (text: string): Instant => Instant.parse(text);

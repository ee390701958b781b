import type { LedgerFact } from '#domain/events.ts';
import { type Interval, IntervalKind, type IntervalVersion } from '#domain/features/interval.ts';
import { earnedBy } from '#domain/features/revenue.ts';
import type { Instant } from '#domain/kernel/instant.ts';
import type { ProjectedEvent } from './projection.ts';
import type { FactNamed } from './rowFields.ts';

/** What an event says of an interval; who said it, and where, is added by the caller. */
type Said = Omit<IntervalVersion, 'known' | 'event'>;

/** A stretch that begins and has no end yet, of nobody in particular. */
const openFrom = (from: Instant): Said => ({
  from,
  to: null,
  void: false,
  park: null,
  driver: null,
  rental: null,
  status: null,
  localDate: null,
  points: null,
  distance_m: null,
  amount: null,
});

const ofSubject = (fact: LedgerFact, last: Said | null): Said | null => {
  const { at } = fact.when;
  switch (fact.type) {
    case 'ParkOpened':
    case 'VehicleCommissioned':
    case 'VehicleRegistered':
      return { ...openFrom(at), park: fact.data.park };
    case 'DriverRegistered':
      return { ...openFrom(at), park: fact.data.park, driver: fact.data.driver };
    case 'DriverMoved':
      return { ...openFrom(at), park: fact.data.to, driver: fact.data.driver };
    case 'VehicleMoved':
      return { ...openFrom(at), park: fact.data.to };
    case 'VehicleWithdrawn':
      return { ...openFrom(at), park: fact.data.park, status: 'withdrawn' };
    case 'VehicleReinstated':
      return { ...openFrom(at), park: fact.data.park, status: 'reinstated' };
    case 'ParkClosed':
    case 'VehicleRetired':
      return last && { ...last, to: at };
    default:
      return null;
  }
};

const ofRental = (fact: LedgerFact, last: Said | null): Said | null => {
  const { at } = fact.when;
  switch (fact.type) {
    case 'RentalStarted': {
      const { park, driver, rental } = fact.data;
      return { ...openFrom(at), park, driver, rental };
    }
    case 'RentalRecorded': {
      const { park, driver, rental, endedAt: to } = fact.data;
      return { ...openFrom(at), to, park, driver, rental };
    }
    case 'RentalEnded':
      return last && { ...last, to: at };
    case 'RentalVoided':
      return last && { ...last, void: true };
    default:
      return null;
  }
};

const ofRepair = (fact: LedgerFact, last: Said | null): Said | null => {
  switch (fact.type) {
    case 'RepairOpened':
      return { ...openFrom(fact.when.at), park: fact.data.park };
    case 'RepairCompleted':
    case 'RepairCancelled':
      return last && { ...last, to: fact.when.at };
    default:
      return null;
  }
};

/** A defect counts while it is held to be critical; how bad it is may be judged anew when work begins. */
const ofDefect = (fact: LedgerFact, last: Said | null): Said | null => {
  const { at } = fact.when;
  switch (fact.type) {
    case 'RepairRequested':
    case 'RepairOpened': {
      const isOpen = last !== null && last.to === null;
      const isCritical = fact.data.severity === 'critical';
      if (isCritical === isOpen) return null;
      return isCritical ? { ...openFrom(at), park: fact.data.park } : last && { ...last, to: at };
    }
    case 'RepairCompleted':
    case 'RepairCancelled':
      return last && last.to === null ? { ...last, to: at } : null;
    default:
      return null;
  }
};

/** The local date of a trip that ends is told by what began it; a moved start is told with its own. */
const ofTrip = (fact: LedgerFact, last: Said | null): Said | null => {
  const { at, localDate } = fact.when;
  switch (fact.type) {
    case 'TripStarted': {
      const { park, driver, rental } = fact.data;
      return { ...openFrom(at), localDate, park, driver, rental };
    }
    case 'TripEnded': {
      const { park, driver, rental, startedAt, measure } = fact.data;
      const began = { ...openFrom(startedAt), localDate: last?.localDate ?? localDate };
      return { ...began, to: at, park, driver, rental, distance_m: measure.distance_m };
    }
    case 'TripRecorded': {
      const { park, driver, rental, endedAt: to, measure } = fact.data;
      const { distance_m } = measure;
      return { ...openFrom(at), localDate, to, park, driver, rental, distance_m };
    }
    case 'TripAmended': {
      const { park, driver, rental, startedAt, endedAt: to, measure } = fact.data;
      const isMoved = startedAt !== null || last === null;
      const began = isMoved ? { from: startedAt ?? at, localDate } : last;
      const { distance_m } = measure;
      const span = { from: began.from, to, localDate: began.localDate };
      return { ...openFrom(at), ...span, park, driver, rental, distance_m };
    }
    case 'TripVoided':
      return last && { ...last, void: true };
    default:
      return null;
  }
};

const issued = ({ data, when }: FactNamed<'FineIssued'>): Said => {
  const { park, driver, rental, points } = data;
  const { at, localDate } = when;
  return { ...openFrom(at), to: at, localDate, park, driver, rental, status: 'issued', points };
};

/** An offence has no duration: from and to are the same, and no moment is covered. */
const ofFine = (fact: LedgerFact, last: Said | null): Said | null => {
  if (fact.type === 'FineIssued') return issued(fact);
  if (last === null) return null;
  switch (fact.type) {
    case 'FineDisputed':
      return { ...last, status: 'disputed' };
    case 'FineConfirmed':
      return { ...last, status: 'confirmed' };
    case 'FinePaid':
      return { ...last, status: 'paid' };
    case 'FineVoided':
      return { ...last, status: 'voided', void: true };
    case 'FineReattributed': {
      const { driver, rental } = fact.data;
      return { ...last, driver, rental };
    }
    default:
      return null;
  }
};

const ofFitting = (fact: LedgerFact, last: Said | null): Said | null => {
  const { at } = fact.when;
  switch (fact.type) {
    case 'DeviceFitted':
      return { ...openFrom(at), park: fact.data.park };
    case 'DeviceRemoved':
      return last && { ...last, to: at };
    case 'DeviceFittingVoided':
      return last && { ...last, void: true };
    default:
      return null;
  }
};

const CONDITION = 'condition';
/** The conditions that features look at. */
const ConditionKind = IntervalKind.extract(['offline', 'idling']);

/** Whose a condition was is not told: features take whoever had the vehicle by what is known now. */
const ofCondition = (fact: LedgerFact, last: Said | null): Said | null => {
  switch (fact.type) {
    case 'ConditionNoted': {
      const { kind, park, endedAt: to } = fact.data;
      const isLookedAt = ConditionKind.safeParse(kind).success;
      return isLookedAt ? { ...openFrom(fact.when.at), to, park } : null;
    }
    case 'ConditionAmended': {
      const { startedAt: from, endedAt: to } = fact.data;
      return last && { ...last, from, to };
    }
    case 'ConditionVoided':
      return last && { ...last, void: true };
    default:
      return null;
  }
};

/** What an entry earned, on its own day. In two currencies, which no entry of a rule has, it is not told. */
const ofRevenue = (fact: LedgerFact): Said | null => {
  if (fact.type !== 'EntryPosted') return null;
  const { park, date: localDate, lines } = fact.data;
  const amount = earnedBy(lines);
  const { at } = fact.when;
  return amount && { ...openFrom(at), to: at, localDate, park, amount };
};

const partOf = (key: string): string | undefined => key.split('/')[1];

/** What an event says of the interval with that key, given the last word on it; null: nothing. */
export const saidOf = (
  { fact }: ProjectedEvent,
  key: string,
  last: IntervalVersion | null,
): Said | null => {
  switch (partOf(key)) {
    case CONDITION:
      return ofCondition(fact, last);
    case 'fitting':
      return ofFitting(fact, last);
    case 'rental':
      return ofRental(fact, last);
    case 'repair':
      return ofRepair(fact, last);
    case 'defect':
      return ofDefect(fact, last);
    case 'trip':
      return ofTrip(fact, last);
    case 'fine':
      return ofFine(fact, last);
    case 'revenue':
      return ofRevenue(fact);
    default:
      return ofSubject(fact, last);
  }
};

/** What never changes of an interval, from the event that begins it. */
export const placeOf = (
  { fact }: ProjectedEvent,
  key: string,
): Pick<Interval, 'kind' | 'vehicle' | 'zone' | 'ident'> => {
  const part = partOf(key);
  const told = part === CONDITION && 'kind' in fact.data ? fact.data.kind : part;
  const kind = IntervalKind.parse(told);
  const isOfPark = kind === 'park' || kind === 'affiliation' || kind === 'membership';
  return {
    kind,
    vehicle: 'vehicle' in fact.data ? fact.data.vehicle : null,
    zone: isOfPark ? fact.when.zone : null,
    ident: 'ident' in fact.data ? fact.data.ident : null,
  };
};

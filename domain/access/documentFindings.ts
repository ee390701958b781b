import type { LocalDate } from '#domain/kernel/instant.ts';
import { type Held, type History, saying } from './held.ts';
import { type Finding, finding } from './reason.ts';
import type { ReasonCode } from './rules.ts';

/** A document that was filed. A day is null where the document bears none. */
interface Filed {
  readonly held: Held;
  readonly validFrom: LocalDate | null;
  readonly expiresOn: LocalDate | null;
}

const isFiled = saying('DriverDocumentRecorded');
const isWithdrawn = saying('DriverDocumentWithdrawn');
const isVehicles = saying('VehicleDocumentRecorded');

const lastToExpire = (one: Filed, other: Filed): Filed =>
  (other.expiresOn ?? '') > (one.expiresOn ?? '') ? other : one;

/**
 * What is wrong with the documents of one kind on a day. A document is good through its last day; one that is
 * not valid yet is as good as none. `gone` are the events that took documents away.
 */
const found = (
  codes: { readonly missing: ReasonCode; readonly expired: ReasonCode },
  filed: readonly Filed[],
  { gone, day }: { readonly gone: readonly Held[]; readonly day: LocalDate },
): readonly Finding[] => {
  const [first, ...others] = filed.filter(
    ({ validFrom }) => validFrom === null || validFrom <= day,
  );
  if (first === undefined) return [finding(codes.missing, gone.slice(-1))];
  const begun = [first, ...others];
  if (begun.some(({ expiresOn }) => expiresOn === null || day <= expiresOn)) return [];
  const { held, expiresOn } = others.reduce(lastToExpire, first);
  return [finding(codes.expired, [held], { since: null, lastDay: expiresOn })];
};

/** What is wrong with a driver's licence and insurance on a day, by what had happened by then. */
export const driverDocumentFindings = (happened: History, day: LocalDate): readonly Finding[] => {
  const all = happened.filter(isFiled);
  const withdrawals = happened.filter(isWithdrawn);
  const gone = new Set(withdrawals.map(({ fact }) => fact.data.document));
  const of = (kind: 'licence' | 'insurance') => {
    const own = all.filter(({ fact }) => fact.data.kind === kind);
    const ids = new Set(own.map(({ fact }) => fact.data.document));
    const filed = own
      .filter(({ fact }) => !gone.has(fact.data.document))
      .map((held) => ({ held, ...held.fact.data }));
    return { filed, gone: withdrawals.filter(({ fact }) => ids.has(fact.data.document)), day };
  };
  const licences = of('licence');
  const insurances = of('insurance');
  const ofInsurance = {
    missing: 'driver_insurance_missing',
    expired: 'driver_insurance_expired',
  } as const;
  return [
    ...found({ missing: 'licence_missing', expired: 'licence_expired' }, licences.filed, licences),
    ...found(ofInsurance, insurances.filed, insurances),
  ];
};

/** What is wrong with a vehicle's registration and insurance on a day, by what had happened by then. */
export const vehicleDocumentFindings = (happened: History, day: LocalDate): readonly Finding[] => {
  const of = (kind: 'registration' | 'insurance'): readonly Filed[] =>
    happened
      .filter(isVehicles)
      .filter(({ fact }) => fact.data.kind === kind)
      .map((held) => ({ held, validFrom: null, expiresOn: held.fact.data.expiresOn }));
  const none = { gone: [], day };
  const ofRegistration = {
    missing: 'registration_missing',
    expired: 'registration_expired',
  } as const;
  const ofInsurance = {
    missing: 'vehicle_insurance_missing',
    expired: 'vehicle_insurance_expired',
  } as const;
  return [
    ...found(ofRegistration, of('registration'), none),
    ...found(ofInsurance, of('insurance'), none),
  ];
};

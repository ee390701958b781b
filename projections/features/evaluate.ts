import type { Evaluated, Formula } from '#domain/features/feature.ts';
import { fleetFeatures, fleetFormulas } from '#domain/features/fleet.ts';
import { penaltyFeatures, penaltyFormulas } from '#domain/features/penalty.ts';
import type { LogPosition } from '#domain/features/stored.ts';
import { DriverId, ParkId, type Tenant } from '#domain/kernel/ids.ts';
import type { Instant } from '#domain/kernel/instant.ts';
import type { SubjectKey } from '#domain/kernel/subjects.ts';
import type { DateSpan } from './calendar.ts';
import { type Connection, driverIntervals, fleetIntervals } from './readIntervals.ts';

/**
 * Which subject's features (`park:<id>` or `driver:<id>`), at which instant of true time (of parks) or on
 * which local dates (of drivers), by what was known at which position.
 */
export interface FeatureMoment {
  readonly tenant: Tenant;
  readonly subject: SubjectKey;
  readonly window: DateSpan;
  readonly at: Instant;
  readonly asOf: LogPosition;
}

const versions = (formulas: readonly Pick<Formula<never>, 'name' | 'version'>[]): string =>
  formulas.map(({ name, version }) => `${name}@${version}`).join(' ');

const kindOf = (subject: SubjectKey): { readonly kind: string; readonly id: string } => {
  const end = subject.indexOf(':');
  return { kind: subject.slice(0, end), id: subject.slice(end + 1) };
};

/** The formulas that a subject's features are reckoned with, in their versions. */
export const formulasFor = (subject: SubjectKey): string =>
  kindOf(subject).kind === 'park' ? versions(fleetFormulas) : versions(penaltyFormulas);

/** The features of a subject, reckoned from the intervals as they are read now. Empty for other subjects. */
export const evaluate =
  (sql: Connection) =>
  async (moment: FeatureMoment): Promise<readonly Evaluated[]> => {
    const { tenant, subject, window, at, asOf } = moment;
    const { kind, id } = kindOf(subject);
    if (kind === 'park') {
      const park = ParkId.parse(id);
      const intervals = await fleetIntervals(sql)({ tenant, park, at, asOf });
      return fleetFeatures(intervals, { park, at, asOf });
    }
    if (kind !== 'driver') return [];
    const driver = DriverId.parse(id);
    const intervals = await driverIntervals(sql)({ tenant, driver, ...window });
    return penaltyFeatures(intervals, { driver, ...window, asOf });
  };

import { z } from 'zod';
import type { FeatureName } from '#domain/features/feature.ts';
import type { IntervalKind } from '#domain/features/interval.ts';
import { isAtMost } from '#domain/features/interval.ts';
import type { LogPosition } from '#domain/features/stored.ts';
import type { EventId, Tenant } from '#domain/kernel/ids.ts';
import type { Instant, LocalDate } from '#domain/kernel/instant.ts';
import type { SubjectKey } from '#domain/kernel/subjects.ts';
import { cadenceOf, evaluate, type Reckoner } from './evaluate.ts';
import type { Connection } from './readIntervals.ts';
import { FeatureValue } from './store.ts';

const VALUES_MAX = 1_000;
const INTERVALS_SHOWN_MAX = 1_000;

/** By what was known when: at a position of the log, at an instant of recording, or now. */
export type AsOf = { readonly position: LogPosition } | { readonly recordedAt: Instant } | 'latest';

/**
 * Which values: of some features of a subject, for the windows that begin on `from` or later and before
 * `below` (both null: any), newest window first.
 */
export interface FeatureRequest {
  readonly tenant: Tenant;
  readonly subject: SubjectKey;
  readonly names: readonly FeatureName[];
  readonly from: LocalDate | null;
  readonly below: LocalDate | null;
  readonly asOf: AsOf;
  /** At most 1,000. */
  readonly limit: number;
}

const Place = z.array(z.object({ position: z.string() }));

/**
 * The position of the last event of a tenant that was recorded at an instant or before; null where there is
 * none.
 */
export const positionAt =
  (sql: Connection) =>
  async (tenant: Tenant, recordedAt: Instant): Promise<LogPosition | null> => {
    const found = Place.parse(
      await sql`
        select position::text as position from asset_timeline
         where tenant = ${tenant} and recorded_at <= ${recordedAt}::text::timestamptz
         order by recorded_at desc, position desc limit 1`,
    );
    return found[0]?.position ?? null;
  };

const POSITION_LAST = '9223372036854775807';

const positionOf = async (sql: Connection, tenant: Tenant, asOf: AsOf) => {
  if (asOf === 'latest') return POSITION_LAST;
  return 'position' in asOf ? asOf.position : positionAt(sql)(tenant, asOf.recordedAt);
};

/**
 * The values that had been worked out as of a position or instant of recording, one per feature and window:
 * the last with an `asOf` at or before it. What has been computed since then, for whatever reason, is not
 * seen.
 */
export const featureValues =
  (sql: Connection) =>
  async (request: FeatureRequest): Promise<readonly FeatureValue[]> => {
    const { tenant, subject, names, from, below, limit } = request;
    const position = await positionOf(sql, tenant, request.asOf);
    if (position === null) return [];
    const instant = (column: string) =>
      sql`to_char(${sql(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
    return FeatureValue.array().parse(
      await sql`
        select distinct on (window_from, window_to, name)
               tenant, name, subject, window_from::text as "windowFrom", window_to::text as "windowTo", value, unit,
               formula_version as "formulaVersion", inputs, incomplete, as_of::text as "asOf",
               ${instant('evaluated_at')} as "evaluatedAt", closed, ${instant('computed_at')} as "computedAt"
          from platform_features
         where tenant = ${tenant} and subject = ${subject} and name = any(${[...names]}::text[])
           and window_from >= coalesce(${from}::text::date, '-infinity')
           and window_from < coalesce(${below}::text::date, 'infinity')
           and as_of <= ${position}::text::bigint
         order by window_from desc, window_to, name, as_of desc
         limit ${Math.min(limit, VALUES_MAX)}`,
    );
  };

/** An interval that a value rests on, and the events that had told of it by then, oldest first. */
interface RestsOn {
  readonly interval: string;
  readonly kind: IntervalKind;
  readonly events: readonly EventId[];
}

/**
 * What a value rests on: at most 1,000 intervals of `intervalsInAll`, by their keys. `agrees` is whether the
 * intervals of today give that value and those inputs once more; where they do not, something became known
 * behind `asOf`, out of a row that had been parked.
 */
export interface FeatureExplanation {
  readonly value: FeatureValue;
  readonly intervals: readonly RestsOn[];
  readonly intervalsInAll: number;
  readonly agrees: boolean;
}

const sameInputs = (left: FeatureValue['inputs'], right: FeatureValue['inputs']): boolean => {
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...names].every((name) => left[name] === right[name]);
};

/** Reckons a value once more, as it was set then, and tells the intervals and events it rests on. */
export const explainFeature =
  (reckoner: Reckoner) =>
  async (value: FeatureValue): Promise<FeatureExplanation> => {
    const { tenant, subject, name, evaluatedAt: at, asOf, windowFrom, windowTo } = value;
    const window = { from: windowFrom, to: windowTo };
    const features = await evaluate(reckoner)({
      ...{ tenant, subject, cadence: cadenceOf(name), window, at, asOf },
      // Where it is not among the inputs, the value does not depend on it.
      sleepOverhead_s: value.inputs['overhead_s'] ?? 0,
    });
    const again = features.find((feature) => feature.name === name);
    const basis = again?.basis ?? [];
    const sorted = basis.toSorted((left, right) =>
      left.interval.interval < right.interval.interval ? -1 : 1,
    );
    return {
      value,
      intervals: sorted.slice(0, INTERVALS_SHOWN_MAX).map(({ interval }) => ({
        interval: interval.interval,
        kind: interval.kind,
        events: interval.versions
          .filter(({ known }) => isAtMost(known, asOf))
          .map(({ event }) => event),
      })),
      intervalsInAll: basis.length,
      agrees: again?.value === value.value && sameInputs(again.inputs, value.inputs),
    };
  };

import { z } from 'zod';
import {
  type Evaluated,
  FeatureInputs,
  FeatureName,
  FeatureUnit,
} from '#domain/features/feature.ts';
import { LogPosition } from '#domain/features/stored.ts';
import { Tenant } from '#domain/kernel/ids.ts';
import { Instant, LocalDate } from '#domain/kernel/instant.ts';
import { SubjectKey } from '#domain/kernel/subjects.ts';
import type { FeatureMoment } from './evaluate.ts';
import type { Connection } from './readIntervals.ts';

/**
 * A value of a feature for the local dates from `windowFrom` up to and without `windowTo`, by all that was
 * known at the position `asOf`. `value` is null where there is none. Not `closed` is a window that was still
 * under way at `evaluatedAt`; `incomplete`: some events could not be taken in when it was computed.
 */
export const FeatureValue = z.strictObject({
  tenant: Tenant,
  name: FeatureName,
  subject: SubjectKey,
  windowFrom: LocalDate,
  windowTo: LocalDate,
  value: z.string().nullable(),
  unit: FeatureUnit,
  formulaVersion: z.int(),
  inputs: FeatureInputs,
  incomplete: z.boolean(),
  asOf: LogPosition,
  evaluatedAt: Instant,
  closed: z.boolean(),
  computedAt: Instant,
});
export type FeatureValue = z.infer<typeof FeatureValue>;

/** How values are written: what holds for all features of one evaluation. */
export interface Evaluation extends FeatureMoment {
  readonly closed: boolean;
  readonly incomplete: boolean;
  readonly computedAt: Instant;
}

/**
 * Writes what differs from the last value of its window, and answers how many that were. A window's first
 * evaluation after its end is written even if it gives what was known before.
 */
export const writeValues =
  (sql: Connection) =>
  async (evaluation: Evaluation, features: readonly Evaluated[]): Promise<number> => {
    const { tenant, subject, window, at, asOf, closed, incomplete, computedAt } = evaluation;
    const written = await sql`
      insert into platform_features as held
        (tenant, name, subject, window_from, window_to, value, unit, formula_version, inputs, incomplete, as_of,
         evaluated_at, closed, computed_at)
      select ${tenant}, new.name, ${subject}, ${window.from}::text::date, ${window.to}::text::date, new.value, new.unit,
             new.formula_version, new.inputs::jsonb, ${incomplete}, ${asOf}::text::bigint,
             ${at}::text::timestamptz, ${closed}, ${computedAt}::text::timestamptz
        from unnest(${features.map(({ name }) => name)}::text[], ${features.map(({ value }) => value)}::text[],
                    ${features.map(({ unit }) => unit)}::text[],
                    ${features.map(({ formulaVersion }) => formulaVersion)}::int[],
                    ${features.map(({ inputs }) => JSON.stringify(inputs))}::text[])
             as new(name, value, unit, formula_version, inputs)
       where not exists (
         select from (
           select * from platform_features as p
            where p.tenant = ${tenant} and p.name = new.name and p.subject = ${subject}
              and p.window_from = ${window.from}::text::date and p.window_to = ${window.to}::text::date
            order by p.as_of desc limit 1) as last
          where last.as_of > ${asOf}::text::bigint
             or (last.value is not distinct from new.value and last.unit = new.unit
                 and last.formula_version = new.formula_version and last.inputs = new.inputs::jsonb
                 and last.incomplete = ${incomplete}
                 and (not ${closed} or last.evaluated_at = ${at}::text::timestamptz)))
      on conflict (tenant, name, subject, window_from, window_to, as_of) do update
         set value = excluded.value, unit = excluded.unit, formula_version = excluded.formula_version,
             inputs = excluded.inputs, incomplete = excluded.incomplete, evaluated_at = excluded.evaluated_at,
             closed = excluded.closed, computed_at = excluded.computed_at
      returning held.name`;
    return written.length;
  };

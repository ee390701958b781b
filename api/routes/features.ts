import type { FastifyRequest } from 'fastify';
import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { callerOf } from '#api/caller.ts';
import { NoParams } from '#api/commandRoute.ts';
import { PageLimit, WireInstant, WirePosition } from '#api/fields.ts';
import type { Features } from '#api/ports.ts';
import { refuse } from '#api/problem.ts';
import { inPark, type Readings, read, viewOf } from '#api/reading.ts';
import type { Refusal } from '#api/refusals.ts';
import { wireOf } from '#api/wire.ts';
import type { App } from '#api/zod.ts';
import { plusDays } from '#commands/localDate.ts';
import { FeatureInputs, FeatureName, FeatureUnit } from '#domain/features/feature.ts';
import { IntervalKind } from '#domain/features/interval.ts';
import { LogPosition } from '#domain/features/stored.ts';
import { DriverId, ParkId } from '#domain/kernel/ids.ts';
import { Instant, LocalDate } from '#domain/kernel/instant.ts';
import { driverKey, parkKey, type SubjectKey } from '#domain/kernel/subjects.ts';
import { drivers } from '#projections/drivers.ts';
import type { AsOf } from '#projections/features/query.ts';
import { FeatureValue } from '#projections/features/store.ts';
import { intervals } from '#projections/intervals.ts';
import { parks } from '#projections/parks.ts';

const tag = 'features';
const SEPARATOR = ':';

/** What can have features: `park:<id>` or `driver:<id>`. */
const Subject = z
  .string()
  .transform((text) => {
    const at = text.indexOf(SEPARATOR);
    return { kind: text.slice(0, at), id: text.slice(at + 1) };
  })
  .pipe(
    z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('park'), id: ParkId }),
      z.strictObject({ kind: z.literal('driver'), id: DriverId }),
    ]),
  )
  .meta({ description: '`park:<id>` or `driver:<id>`.' });
type Subject = z.infer<typeof Subject>;

const AsOfQuery = z
  .union([WirePosition, WireInstant])
  .optional()
  .meta({ description: 'By what was known at a position, or at an instant. Left out: now.' });
const Names = z
  .string()
  .transform((text) => text.split(','))
  .pipe(z.array(FeatureName))
  .default([...FeatureName.options])
  .meta({ description: 'Names, separated by commas. Left out: all.' });
const value = wireOf(FeatureValue.omit({ tenant: true }));
const Values = z.strictObject({ subject: z.string(), values: z.array(value.schema) });
const Explained = z.strictObject({
  value: value.schema,
  intervals: z.array(
    z.strictObject({ interval: z.string(), kind: IntervalKind, event_ids: z.array(z.string()) }),
  ),
  intervals_in_all: z.int(),
  agrees: z.boolean().meta({ description: 'Whether reckoning it once more gives the same.' }),
});

const Live = z.strictObject({
  subject: z.string(),
  evaluated_at: Instant,
  as_of: LogPosition.meta({ description: 'The position in the log up to which all was known.' }),
  incomplete: z.boolean(),
  values: z.array(
    z.strictObject({
      name: FeatureName,
      value: z.string().nullable(),
      unit: FeatureUnit,
      formula_version: z.int(),
      inputs: FeatureInputs,
    }),
  ),
});

/** Figures, and the clock for those of this moment. */
type Given = Features & { readonly now: () => Instant };

const told = ({ tenant: _, ...rest }: FeatureValue): unknown => value.write(rest);

const asOfOf = (as_of: bigint | Instant | undefined): AsOf => {
  if (as_of === undefined) return 'latest';
  return typeof as_of === 'bigint' ? { position: String(as_of) } : { recordedAt: as_of };
};

/** The subject's key, where the caller may see it. Figures of people are not for investors. */
const visibleSubject = (readings: Readings) => {
  const park = viewOf(readings, parks, { ...inPark, column: null });
  const driver = viewOf(readings, drivers, inPark);
  return async (
    request: FastifyRequest,
    subject: Subject,
  ): Promise<Either<Refusal, SubjectKey>> => {
    if (subject.kind === 'park') {
      const { id } = subject;
      const row = await park.row(request, id);
      return row ? right(parkKey(id)) : left({ code: 'ParkUnknown', park: id });
    }
    const { id } = subject;
    if (callerOf(request).role === 'investor') return left({ code: 'RoleNotAllowed' });
    const row = await driver.row(request, id);
    return row ? right(driverKey(id)) : left({ code: 'DriverUnknown', driver: id });
  };
};

const live = (app: App, readings: Readings, features: Given): void => {
  const subjectFor = visibleSubject(readings);
  app.get(
    '/features/live',
    read({
      tag,
      summary:
        'What the day of a park or driver would come to if it ended now; nothing of it is kept',
      params: NoParams,
      query: z.strictObject({ subject: Subject }),
      reply: Live,
      reads: [intervals.name],
    }),
    async (request, reply) => {
      const key = await subjectFor(request, request.query.subject);
      if (isLeft(key)) return refuse(reply, key.left);
      const { tenant } = callerOf(request);
      const at = features.now();
      const found = await features.live({ tenant, subject: key.right, at });
      if (found === null) return refuse(reply, { code: 'FeatureUnknown' });
      reply.header('cache-control', 'no-store');
      return reply.send({
        subject: key.right,
        evaluated_at: at,
        as_of: found.asOf,
        incomplete: found.incomplete,
        values: found.features.map(({ name, value: text, unit, formulaVersion, inputs }) => ({
          ...{ name, value: text, unit, formula_version: formulaVersion, inputs },
        })),
      });
    },
  );
};

const list = (app: App, readings: Readings, features: Features): void => {
  const subjectFor = visibleSubject(readings);
  const Query = z.strictObject({
    subject: Subject,
    names: Names,
    as_of: AsOfQuery,
    from: LocalDate.optional().meta({ description: 'Windows that begin on this day or later.' }),
    below: LocalDate.optional().meta({ description: 'Windows that begin before this day.' }),
    limit: PageLimit,
  });
  app.get(
    '/features',
    read({
      tag,
      summary: 'Figures of a park or a driver, the newest window first',
      params: NoParams,
      query: Query,
      reply: Values,
      reads: [],
    }),
    async (request, reply) => {
      const { subject, names, as_of, from = null, below = null, limit } = request.query;
      const key = await subjectFor(request, subject);
      if (isLeft(key)) return refuse(reply, key.left);
      const values = await features.values({
        tenant: callerOf(request).tenant,
        subject: key.right,
        names,
        from,
        below,
        asOf: asOfOf(as_of),
        limit,
      });
      return reply.send({ subject: key.right, values: values.map(told) });
    },
  );
};

const explain = (app: App, readings: Readings, features: Features): void => {
  const subjectFor = visibleSubject(readings);
  const Query = z.strictObject({
    subject: Subject,
    window_from: LocalDate.optional().meta({
      description: 'The first day of the window. Left out: the newest window.',
    }),
    as_of: AsOfQuery,
  });
  app.get(
    '/features/:name/explain',
    read({
      tag,
      summary: 'The intervals and events that a figure rests on',
      params: z.strictObject({ name: FeatureName }),
      query: Query,
      reply: Explained,
      reads: [],
    }),
    async (request, reply) => {
      const { name } = request.params;
      const { subject, window_from: from = null, as_of } = request.query;
      const key = await subjectFor(request, subject);
      if (isLeft(key)) return refuse(reply, key.left);
      const values = await features.values({
        tenant: callerOf(request).tenant,
        subject: key.right,
        names: [name],
        from,
        below: from === null ? null : plusDays(from, 1),
        asOf: asOfOf(as_of),
        limit: 1,
      });
      const [wanted] = values;
      if (!wanted) return refuse(reply, { code: 'FeatureUnknown' });
      const explained = await features.explain(wanted);
      return reply.send({
        value: told(explained.value),
        intervals: explained.intervals.map(({ interval, kind, events }) => ({
          interval,
          kind,
          event_ids: [...events],
        })),
        intervals_in_all: explained.intervalsInAll,
        agrees: explained.agrees,
      });
    },
  );
};

/** Figures of parks and drivers, each with what it rests on. */
export const featureRoutes = (app: App, readings: Readings, features: Given): void => {
  live(app, readings, features);
  list(app, readings, features);
  explain(app, readings, features);
};

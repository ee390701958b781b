import { isLeft } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { callerOf } from '#api/caller.ts';
import { asked } from '#api/command.ts';
import { answer, command, NoParams } from '#api/commandRoute.ts';
import { OccurredAt } from '#api/fields.ts';
import { refuse } from '#api/problem.ts';
import { read } from '#api/reading.ts';
import type { App } from '#api/zod.ts';
import { ratesBetween, recordRate } from '#commands/finance/rates.ts';
import { momentOf, plusDays } from '#commands/localDate.ts';
import type { Workspace } from '#commands/workspace.ts';
import { ExchangeRateRecorded } from '#domain/finance/rates/events.ts';
import { LocalDate } from '#domain/kernel/instant.ts';
import { Currency } from '#domain/kernel/money.ts';

const tag = 'finance';
const URL = '/finance/rates';
const DAYS_DEFAULT = 31;
const DAYS_MAX = 3 * 366;

const { base, quote, date, rate, source } = ExchangeRateRecorded.data.shape;
const NewRate = z.strictObject({ base, quote, date, rate, source, occurred_at: OccurredAt });
const Query = z.strictObject({
  base: Currency,
  quote: Currency,
  from: LocalDate.optional().meta({ description: 'Left out: 31 days before `to`.' }),
  to: LocalDate.optional().meta({ description: 'The last day that is wanted. Left out: today.' }),
});
const Rates = z
  .strictObject({
    base: Currency,
    quote: Currency,
    items: z.array(z.strictObject({ date, rate, source, event_id: z.string() })),
  })
  .meta({ id: 'ExchangeRates', description: 'What one of `base` is in `quote`, by day.' });

/** Exchange rates: recorded by whoever keeps the books, and what is recorded. */
export const rateRoutes = (app: App, { workspace }: { readonly workspace: Workspace }): void => {
  app.post(
    URL,
    command({
      ...{ tag, summary: 'Record the exchange rate of a day, or correct it' },
      ...{ params: NoParams, body: NewRate, target: 'content' },
    }),
    async (request, reply) => {
      // Rates hold in every park.
      if (callerOf(request).parks !== '*') return refuse(reply, { code: 'RoleNotAllowed' });
      const { occurred_at: at = workspace.now(), ...said } = request.body;
      return answer(reply, await recordRate(workspace)(asked(request), { ...said, at }));
    },
  );
  app.get(
    URL,
    read({
      ...{ tag, summary: 'What exchange rates are recorded', params: NoParams, query: Query },
      ...{ reply: Rates, reads: [] },
    }),
    async (request, reply) => {
      const { base: one, quote: other } = request.query;
      const today = momentOf(workspace.now(), workspace.platformZone).localDate;
      const { to = today, from = plusDays(to, -DAYS_DEFAULT) } = request.query;
      if (from < plusDays(to, -DAYS_MAX)) {
        const flaw = { at: 'querystring/from', what: 'no more than three years before the end' };
        return refuse(reply, { code: 'MalformedRequest', flaws: [flaw] });
      }
      const pair = { base: one, quote: other };
      const found = await ratesBetween(workspace)(callerOf(request).tenant, pair, { from, to });
      if (isLeft(found)) return refuse(reply, found.left);
      const items = found.right.map(({ event, ...rest }) => ({ ...rest, event_id: event }));
      return reply.send({ ...pair, items });
    },
  );
};

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isLeft } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { DriverId, ParkId, VehicleId } from '#domain/kernel/ids.ts';
import type { Projection } from '#projections/projection.ts';
import {
  type ColumnFilter,
  isCursor,
  type KeyedRow,
  type PageRequest,
  type readPage,
  type readRow,
} from '#projections/query.ts';
import type { PositionWaiter } from '#projections/waitFor.ts';
import { type Caller, callerOf, mayActIn } from './caller.ts';
import { PageLimit, WireInstant, WirePosition } from './fields.ts';
import { problems, refuse } from './problem.ts';
import { wireOf } from './wire.ts';

const WAIT_MAX_MS = 2_000;
const PAGES_LOOKED_THROUGH_MAX = 10;

/** Read models, as their machinery gives them out. They throw where their store is away. */
export interface Readings {
  readonly row: ReturnType<typeof readRow>;
  readonly page: ReturnType<typeof readPage>;
  readonly waitFor: PositionWaiter['waitFor'];
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The read models that a route reads: a `Ledger-Position` is waited for in each. */
    readonly reads?: readonly string[];
  }
}

/** Has reads wait, for a bounded time, for what their caller already knows to be in the log. */
export const awaitPositions = (app: FastifyInstance, readings: Readings): void => {
  app.addHook('preHandler', async (request, reply) => {
    const { reads } = request.routeOptions.config;
    const header = request.headers['ledger-position'];
    if (!reads || header === undefined) return;
    const position = WirePosition.safeParse(header);
    if (!position.success) {
      const flaw = { at: 'headers/ledger-position', what: 'a position that a reply gave out' };
      return refuse(reply, { code: 'MalformedRequest', flaws: [flaw] });
    }
    const outcomes = await Promise.all(
      reads.map((readModel) =>
        readings.waitFor({ readModel, position: position.data, timeout_ms: WAIT_MAX_MS }),
      ),
    );
    if (outcomes.some(isLeft)) return refuse(reply, { code: 'ProjectionBehind' });
  });
};

const Cursor = z
  .string()
  .max(1_000)
  .refine(isCursor)
  .optional()
  .meta({ description: 'The `next` of the page before.' });

/** What every list can be asked for. */
export const paging = { after: Cursor, limit: PageLimit };

/** From an instant on (with it) up to another (without it). */
export const span = { from: WireInstant.optional(), to: WireInstant.optional() };

/** No query at all. */
export const NoQuery = z.strictObject({});

/** Whom most records can be asked for. */
export const concerning = {
  vehicle_id: VehicleId.optional(),
  driver_id: DriverId.optional(),
  park_id: ParkId.optional(),
};

/** Rows that say which park they lie in. */
export const inPark = {
  parkOf: (row: { readonly park: ParkId }): ParkId => row.park,
  column: 'park',
};

/** A condition on a column of times. */
export const within = (
  column: string,
  { from, to }: { readonly from?: string | undefined; readonly to?: string | undefined },
): readonly ColumnFilter[] =>
  from === undefined && to === undefined
    ? []
    : [{ column, ...(from !== undefined && { from }), ...(to !== undefined && { below: to }) }];

/** Which page of which rows a query asks for. */
interface Asked {
  readonly filters: readonly ColumnFilter[];
  readonly order: PageRequest['order'];
  readonly after: string | undefined;
  readonly limit: number;
}

/** A page as it is told: `next` is where the one after it begins, null behind the last. */
export interface Listing {
  readonly items: unknown[];
  readonly next: string | null;
}

/** A read model as callers see it: only what lies in their parks, in the form of the wire. */
export interface View<Row> {
  readonly item: z.ZodType;
  readonly page: z.ZodType<Listing>;
  readonly write: (row: Row) => unknown;
  /** A row that the caller may see; null where there is none, or none for them. */
  readonly row: (request: FastifyRequest, key: string) => Promise<Row | null>;
  /**
   * A page of what the caller may see. For a caller bound to several parks rows of others are passed
   * over, so that it may hold fewer rows than were asked for while `next` goes on.
   */
  readonly list: (request: FastifyRequest, asked: Asked) => Promise<Listing>;
}

/** The column filter of a caller who is bound to one park; for several, rows are passed over one by one. */
const bound = ({ parks }: Caller, column: string): readonly ColumnFilter[] => {
  const [only] = parks === '*' || parks.size !== 1 ? [] : parks;
  return only === undefined ? [] : [{ column, is: only }];
};

/** Shows a read model, `parkOf` being the park in which a row lies and `column` the look-up column of it. */
export const viewOf = <Row>(
  { row, page }: Readings,
  projection: Projection<Row>,
  { parkOf, column }: { readonly parkOf: (row: Row) => ParkId; readonly column: string | null },
): View<Row> => {
  const wire = wireOf(projection.row);
  const list: View<Row>['list'] = async (request, asked) => {
    const caller = callerOf(request);
    const { tenant } = caller;
    const { order } = asked;
    const filters = [...asked.filters, ...(column === null ? [] : bound(caller, column))];
    const rows: KeyedRow<Row>[] = [];
    let cursor = asked.after ?? null;
    for (let looked = 0; looked < PAGES_LOOKED_THROUGH_MAX; looked += 1) {
      const limit = asked.limit - rows.length;
      const found = await page(projection, { tenant, filters, order, cursor, limit });
      rows.push(...found.rows.filter((each) => mayActIn(caller)(parkOf(each.row))));
      cursor = found.next;
      if (cursor === null || rows.length >= asked.limit) break;
    }
    return { items: rows.map((each) => wire.write(each.row)), next: cursor };
  };
  return {
    item: wire.schema,
    page: z.strictObject({ items: z.array(wire.schema), next: z.string().nullable() }),
    write: wire.write,
    list,
    row: async (request, key) => {
      const caller = callerOf(request);
      const found = await row(projection, { tenant: caller.tenant, key });
      return found !== null && mayActIn(caller)(parkOf(found)) ? found : null;
    },
  };
};

const Headers = z.looseObject({
  'ledger-position': z.string().optional().meta({
    description: 'A position that a command answered with: the reply is to know of it.',
  }),
});

/** What a reading route looks like to the framework. `reads` are the read models it reads. */
export const read = <
  Params extends z.ZodType,
  Query extends z.ZodType,
  Reply extends z.ZodType,
>(route: {
  readonly tag: string;
  readonly summary: string;
  readonly params: Params;
  readonly query: Query;
  readonly reply: Reply;
  readonly reads: readonly string[];
}) => ({
  config: { reads: route.reads },
  schema: {
    tags: [route.tag],
    summary: route.summary,
    params: route.params,
    querystring: route.query,
    headers: Headers,
    response: { 200: route.reply, default: problems },
  },
});

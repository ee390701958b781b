import type { FastifyRequest } from 'fastify';
import type { ColumnFilter, PageRequest } from '#projections/query.ts';
import { type Listing, type View, within } from './reading.ts';

type Values = Readonly<Record<string, string | number | undefined>>;

/** What a list is asked for: which page, which span of time, and the values of its filters. */
type ListQuery = Values & {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly after?: string | undefined;
  readonly limit: number;
};

/** A filter goes by the name of its column, with `_id` behind where that holds ids. */
const matching = (wanted: Values): readonly ColumnFilter[] =>
  Object.entries(wanted).flatMap(([name, is]) =>
    typeof is === 'string' ? [{ column: name.replace(/_id$/, ''), is }] : [],
  );

const newest = (times: string): PageRequest['order'] => ({ column: times, direction: 'falling' });

/**
 * Answers with a page of the rows that meet the filters of a query; what it does not name is no condition.
 * `times` is the column that `from` and `to` speak of, and by which the newest come first; null: rows come
 * by key, and the query has no span.
 */
export const showList =
  <Row>(view: View<Row>, times: string | null) =>
  async (request: FastifyRequest & { readonly query: ListQuery }): Promise<Listing> => {
    const { from, to, after, limit, ...wanted } = request.query;
    const spanned = times === null ? [] : within(times, { from, to });
    const filters = [...matching(wanted), ...spanned];
    const order = times === null ? null : newest(times);
    return view.list(request, { filters, order, after, limit });
  };

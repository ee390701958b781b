import { z } from 'zod';
import type { Tenant } from '#domain/kernel/ids.ts';
import type { Database } from './ports.ts';
import type { Projection } from './projection.ts';

const PAGE_ROWS_MAX = 1_000;

/** A row with its key. */
export interface KeyedRow<Row> {
  readonly key: string;
  readonly row: Row;
}

/** A value of a look-up column as text: whole numbers in decimal, times in ISO 8601. */
type ColumnValue = string | null;

/** A condition on a look-up column: equal to a value, or `from` (with it) up to `below` (without it). */
export type ColumnFilter =
  | { readonly column: string; readonly is: ColumnValue }
  | { readonly column: string; readonly from?: string; readonly below?: string };

/** Which page of which rows. Rows without a value in the column that orders come last. */
export interface PageRequest {
  readonly tenant: Tenant;
  readonly filters: readonly ColumnFilter[];
  /** By key, rising, where null. */
  readonly order: { readonly column: string; readonly direction: 'rising' | 'falling' } | null;
  /** The `next` of the page before; null for the first page. */
  readonly cursor: string | null;
  /** At most 1,000. */
  readonly limit: number;
}

/** A page of rows, and where the next one begins, null behind the last. */
export interface Page<Row> {
  readonly rows: readonly KeyedRow<Row>[];
  readonly next: string | null;
}

const Cursor = z.tuple([z.string().nullable(), z.string()]);
const Stored = z.array(
  z.object({ key: z.string(), row: z.string(), place: z.string().nullable() }),
);

/** Whether a text is a cursor that `readPage` gave out; one from elsewhere is the client's mistake. */
export const isCursor = (text: string): boolean => cursorOf(text) !== null;

const cursorOf = (text: string): z.infer<typeof Cursor> | null => {
  try {
    return Cursor.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
  } catch {
    return null;
  }
};

const cursorText = (place: z.infer<typeof Cursor>): string =>
  Buffer.from(JSON.stringify(place)).toString('base64url');

/** A column of the read model as SQL; throws for one that it does not have, which is a bug of the caller. */
const columnOf =
  (sql: Database, { name, columns }: Pick<Projection<never>, 'name' | 'columns'>) =>
  (column: string) => {
    const described = Object.hasOwn(columns, column) ? columns[column] : undefined;
    if (!described) throw new Error(`${name} has no column ${column}`);
    return { ...described, id: sql(column) };
  };

type Column = ReturnType<ReturnType<typeof columnOf>>;

/** A text as a value of the column's type. */
const valueFor = (sql: Database, { type }: Column, text: string) => {
  switch (type) {
    case 'bigint':
      return sql`${text}::text::bigint`;
    case 'timestamptz':
      return sql`${text}::text::timestamptz`;
    case 'date':
      return sql`${text}::text::date`;
    default:
      return sql`${text}::text`;
  }
};

const condition = (sql: Database, column: Column, filter: ColumnFilter) => {
  if ('is' in filter) {
    if (filter.is === null) return sql`${column.id} is null`;
    return sql`${column.id} = ${valueFor(sql, column, filter.is)}`;
  }
  const { from, below } = filter;
  const low = from === undefined ? sql`true` : sql`${column.id} >= ${valueFor(sql, column, from)}`;
  const high =
    below === undefined ? sql`true` : sql`${column.id} < ${valueFor(sql, column, below)}`;
  return sql`(${low} and ${high})`;
};

/** Behind the place where the page before ended, in the order of the page. */
const behind = (
  sql: Database,
  column: Column | null,
  place: { readonly cursor: z.infer<typeof Cursor>; readonly isFalling: boolean },
) => {
  const [at, key] = place.cursor;
  if (!column) return sql`key > ${key}`;
  if (at === null) return sql`${column.id} is null and key > ${key}`;
  const value = valueFor(sql, column, at);
  const further = place.isFalling ? sql`${column.id} < ${value}` : sql`${column.id} > ${value}`;
  return sql`(${further} or (${column.id} = ${value} and key > ${key}) or ${column.id} is null)`;
};

/** The row of a read model with that key, through its schema; null where there is none. */
export const readRow =
  (sql: Database) =>
  async <Row>(
    { name, row: schema }: Projection<Row>,
    { tenant, key }: { readonly tenant: Tenant; readonly key: string },
  ): Promise<Row | null> => {
    const rows = Stored.parse(
      await sql`
        select key, row::text as row, null as place from ${sql(name)}
         where tenant = ${tenant} and key = ${key}`,
    );
    const text = rows[0]?.row;
    return text === undefined ? null : schema.parse(JSON.parse(text));
  };

/**
 * A page of the rows of a tenant that meet all filters, through the schema. Pages neither repeat nor miss a
 * row that stays where it is. Throws for a column that the read model does not have and for a cursor that
 * is none.
 */
export const readPage =
  (sql: Database) =>
  async <Row>(projection: Projection<Row>, request: PageRequest): Promise<Page<Row>> => {
    const { tenant, filters, order, limit } = request;
    const column = columnOf(sql, projection);
    const ordering = order && column(order.column);
    const isFalling = order?.direction === 'falling';
    const cursor = request.cursor === null ? null : cursorOf(request.cursor);
    if (request.cursor !== null && !cursor) throw new Error('not a cursor');
    let where = sql`tenant = ${tenant}`;
    for (const filter of filters) {
      where = sql`${where} and ${condition(sql, column(filter.column), filter)}`;
    }
    if (cursor) where = sql`${where} and ${behind(sql, ordering, { cursor, isFalling })}`;
    const direction = isFalling ? sql`desc` : sql`asc`;
    const place = ordering ? sql`${ordering.id}::text` : sql`null`;
    const by = ordering ? sql`${ordering.id} ${direction} nulls last, key` : sql`key`;
    const rows_max = Math.min(limit, PAGE_ROWS_MAX);
    const found = Stored.parse(
      await sql`
        select key, row::text as row, ${place} as place from ${sql(projection.name)}
         where ${where} order by ${by} limit ${rows_max + 1}`,
    );
    const rows = found.slice(0, rows_max);
    const last = found.length > rows_max ? rows.at(-1) : undefined;
    return {
      rows: rows.map(({ key, row }) => ({ key, row: projection.row.parse(JSON.parse(row)) })),
      next: last ? cursorText([last.place, last.key]) : null,
    };
  };

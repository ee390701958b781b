import { left, right } from 'fp-ts/lib/Either.js';
import type { MemoryLog } from '#adapters/memoryEventStore.ts';
import type { Readings } from '#api/reading.ts';
import type { Tenant } from '#domain/kernel/ids.ts';
import { projectedEvent } from '#projections/logEntry.ts';
import type { ProjectedEvent, Projection } from '#projections/projection.ts';
import type { ColumnFilter } from '#projections/query.ts';
import type { EventsOfSubject } from '#projections/refold.ts';

const eventsIn = (log: MemoryLog): readonly ProjectedEvent[] => {
  if (!log.up) throw Object.assign(new Error('the log is away'), { code: 'ECONNREFUSED' });
  let recorded_ms = 0;
  return log.records.map((record) => {
    recorded_ms = Math.max(recorded_ms, record.rawTime_ms);
    return projectedEvent(record, recorded_ms);
  });
};

const rowsOf = <Row>(log: MemoryLog, projection: Projection<Row>, tenant: Tenant) => {
  const { handles, keys, evolve } = projection;
  const rows = new Map<string, Row>();
  for (const event of eventsIn(log)) {
    if (event.tenant !== tenant) continue;
    if (handles !== 'all' && !handles.includes(event.fact.type)) continue;
    for (const key of new Set(keys(event))) {
      const row = evolve(rows.get(key) ?? null, event, key);
      if (row === null) rows.delete(key);
      else rows.set(key, projection.row.parse(JSON.parse(JSON.stringify(row))));
    }
  }
  return rows;
};

const valueIn = <Row>({ columns }: Projection<Row>, row: Row, column: string): string | null => {
  const described = columns[column];
  if (!described) throw new Error(`there is no column ${column}`);
  let value: unknown = row;
  for (const name of described.path) {
    value = typeof value === 'object' && value !== null ? Reflect.get(value, name) : null;
  }
  if (value === null || value === undefined) return null;
  return described.type === 'bigint' ? String(value).padStart(20, '0') : String(value);
};

const meets = (value: string | null, filter: ColumnFilter): boolean => {
  if ('is' in filter) return value === filter.is;
  const { from, below } = filter;
  return (
    value !== null &&
    (from === undefined || value >= from) &&
    (below === undefined || value < below)
  );
};

/** Read models folded anew from a log in memory at every question: always up to date, and slow. */
export const memoryReadings = (log: MemoryLog): Readings => ({
  row: async (projection, { tenant, key }) => rowsOf(log, projection, tenant).get(key) ?? null,
  page: async (projection, { tenant, filters, order, cursor, limit }) => {
    const rows = [...rowsOf(log, projection, tenant)]
      .map(([key, row]) => ({ key, row }))
      .filter(({ row }) =>
        filters.every((filter) => meets(valueIn(projection, row, filter.column), filter)),
      )
      .map((each) => ({
        ...each,
        place: order ? (valueIn(projection, each.row, order.column) ?? '') : each.key,
      }))
      .toSorted((one, other) => {
        const sign = order?.direction === 'falling' ? -1 : 1;
        if (one.place !== other.place) return one.place < other.place ? -sign : sign;
        return one.key < other.key ? -1 : 1;
      });
    const start =
      cursor === null ? 0 : Number(JSON.parse(Buffer.from(cursor, 'base64url').toString())[1]);
    const end = start + limit;
    return {
      rows: rows.slice(start, end).map(({ key, row }) => ({ key, row })),
      next:
        end < rows.length
          ? Buffer.from(JSON.stringify([null, String(end)])).toString('base64url')
          : null,
    };
  },
  waitFor: async ({ readModel, position }) => {
    const reached = log.records.at(-1)?.position ?? 0n;
    if (reached >= position) return right(reached);
    return left({ code: 'projection_behind', readModel, reached });
  },
});

/** The events of a subject, straight from the log. */
export const memoryEventsOfSubject =
  (log: MemoryLog): EventsOfSubject =>
  async (tenant, subject, upTo) =>
    eventsIn(log).filter(
      (event) => event.tenant === tenant && event.keys.includes(subject) && event.position <= upTo,
    );

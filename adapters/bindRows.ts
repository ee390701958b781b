import { z } from 'zod';
import { microInstant } from '#ingest/microInstant.ts';
import type { TelemetryStore } from '#ingest/store.ts';
import type { PostgresPool } from './postgresPool.ts';

const Moved = z.tuple([z.object({ moved: z.coerce.number() })]);

const list = (items: readonly string[]): string => `{${items.join()}}`;

/** Brings the rows of a device to the vehicles that it was in, in one transaction; how many it moved. */
export const bindRows =
  ({ tenant, ident, bindings }: Parameters<TelemetryStore['bind']>[0]) =>
  async (sql: PostgresPool): Promise<number> => {
    const vehicles = bindings.map(({ vehicle }) => vehicle);
    const from = bindings.map(({ from_us }) => microInstant(from_us));
    const to = bindings.map(({ to_us }) => (to_us === null ? 'infinity' : microInstant(to_us)));
    const [{ moved }] = Moved.parse(
      await sql`
        select bind_telemetry(${tenant}, ${ident}, ${list(vehicles)}::uuid[], ${list(from)}::timestamptz[],
                              ${list(to)}::timestamptz[]) as moved`,
    );
    return moved;
  };

import { epochUs } from '#ingest/microInstant.ts';
import type { BindingsOfDevice } from '#ingest/ports.ts';
import { bindingsOf } from '#projections/deviceBindings.ts';
import type { Database } from '#projections/ports.ts';
import { attempt } from './postgresFailure.ts';

/** The bindings of a device, out of the read model, as far as that has got. */
export const bindingsOfDevice =
  (sql: Database): BindingsOfDevice =>
  (device) =>
  () =>
    attempt(async () => {
      const rows = await bindingsOf(sql)(device);
      return rows.map(({ vehicle, fittedAt, removedAt }) => ({
        vehicle,
        from_us: epochUs(fittedAt),
        to_us: removedAt === null ? null : epochUs(removedAt),
      }));
    });

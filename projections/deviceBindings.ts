import { z } from 'zod';
import { DeviceRemovalReason, FittingVoidReason } from '#domain/devices/events.ts';
import { DeviceIdent, FittingId, type Tenant, VehicleId } from '#domain/kernel/ids.ts';
import { Instant } from '#domain/kernel/instant.ts';
import { SubjectKey } from '#domain/kernel/subjects.ts';
import type { Database } from './ports.ts';
import type { ProjectedEvent, Projection } from './projection.ts';
import { after, lastEvent } from './rowFields.ts';

/** No device is moved that often; one that is would be bound wrongly, so nothing is answered. */
const BINDINGS_MAX = 2_000;

/**
 * A device in a vehicle, from `fittedAt` on (with it) to `removedAt` (without it; null while it is in there).
 * `voided` never was.
 */
export const DeviceBindingRow = z.strictObject({
  fitting: FittingId,
  ident: DeviceIdent,
  vehicle: VehicleId,
  status: z.enum(['fitted', 'removed', 'voided']),
  fittedAt: Instant,
  removedAt: Instant.nullable(),
  removalReason: DeviceRemovalReason.nullable(),
  voidReason: FittingVoidReason.nullable(),
  ...lastEvent,
});
export type DeviceBindingRow = z.infer<typeof DeviceBindingRow>;

const evolve = (row: DeviceBindingRow | null, event: ProjectedEvent): DeviceBindingRow | null => {
  const { fact } = event;
  const { at } = fact.when;
  switch (fact.type) {
    case 'DeviceFitted': {
      const { fitting, ident, vehicle } = fact.data;
      const open = { removedAt: null, removalReason: null, voidReason: null };
      return { fitting, ident, vehicle, status: 'fitted', fittedAt: at, ...open, ...after(event) };
    }
    case 'DeviceRemoved': {
      const removed = { removedAt: at, removalReason: fact.data.reason };
      return row && { ...row, status: 'removed', ...removed, ...after(event) };
    }
    case 'DeviceFittingVoided':
      return row && { ...row, status: 'voided', voidReason: fact.data.reason, ...after(event) };
    default:
      return row;
  }
};

/** Which device was in which vehicle, from when to when: a row per fitting, by its id. */
export const deviceBindings: Projection<DeviceBindingRow> = {
  name: 'device_bindings',
  version: 1,
  row: DeviceBindingRow,
  handles: ['DeviceFitted', 'DeviceRemoved', 'DeviceFittingVoided'],
  keys: ({ fact }) => ('fitting' in fact.data ? [fact.data.fitting] : []),
  evolve,
  subject: (key) => SubjectKey.parse(`asset:${key.slice(0, key.indexOf('~'))}`),
  columns: {
    ident: { path: ['ident'], type: 'text' },
    vehicle: { path: ['vehicle'], type: 'text' },
    status: { path: ['status'], type: 'text' },
    fitted_at: { path: ['fittedAt'], type: 'timestamptz' },
    removed_at: { path: ['removedAt'], type: 'timestamptz' },
  },
  indexes: [
    ['ident', 'fitted_at'],
    ['vehicle', 'fitted_at'],
  ],
};

const Stored = z.array(z.object({ row: z.string() }));

/** Every vehicle that a tenant's device was in, from when to when, oldest first; what is void left out. */
export const bindingsOf =
  (sql: Database) =>
  async (asked: {
    readonly tenant: Tenant;
    readonly ident: DeviceIdent;
  }): Promise<readonly DeviceBindingRow[]> => {
    const { tenant, ident } = asked;
    const found = Stored.parse(
      await sql`
        select row::text as row from device_bindings
         where tenant = ${tenant} and ident = ${ident} and status <> 'voided'
         order by fitted_at, key limit ${BINDINGS_MAX}`,
    );
    if (found.length >= BINDINGS_MAX) throw new Error(`more than ${BINDINGS_MAX} bindings`);
    return found.map(({ row }) => DeviceBindingRow.parse(JSON.parse(row)));
  };

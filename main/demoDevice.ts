import { isLeft } from 'fp-ts/lib/Either.js';
import { fitDevice } from '#commands/devices.ts';
import { digestOf } from '#commands/digest.ts';
import { deriveUuid } from '#commands/identity.ts';
import type { Request } from '#commands/workspace.ts';
import {
  ActorId,
  CommandId,
  DeviceIdent,
  type Tenant,
  type VehicleId,
} from '#domain/kernel/ids.ts';
import type { Instant } from '#domain/kernel/instant.ts';
import { deviceToken } from '#ingest/listeners/deviceToken.ts';
import type { DeviceLogin } from '#ingest/simulator/uplink.ts';
import type { OpenLedger } from './openLedger.ts';

const actor = {
  kind: 'system',
  id: ActorId.parse(deriveUuid('actor', 'demo')),
  role: 'demo',
} as const;

/** Something that the demo does to a vehicle, the same command at every start. */
export const demoRequest = (tenant: Tenant, what: string, vehicle: VehicleId): Request => {
  const command = CommandId.parse(deriveUuid(what, tenant, vehicle));
  const content = digestOf(vehicle);
  const origin = { tenant, actor, command, content, correlationId: command, causationId: null };
  return { origin, mayActIn: () => true };
};

/**
 * A device in a vehicle, registered and fitted once however often the demo starts. Its secret is a new one
 * each time and is kept nowhere. Null where whoever tries the demo has done something else with the two.
 */
export const demoDevice = async (
  { ledger, devices, now }: OpenLedger,
  { tenant, since: at }: { readonly tenant: Tenant; readonly since: Instant },
  vehicle: VehicleId,
): Promise<DeviceLogin | null> => {
  const ident = DeviceIdent.parse(`demo-${vehicle}`);
  const change = { tenant, ident, actor: actor.id, at: now() };
  const registered = await devices.register({ ...change, datagrams: false })();
  const isThere = isLeft(registered) && registered.left.code === 'DeviceRegistered';
  const issued = isThere ? await devices.rotate(change)() : registered;
  if (isLeft(issued)) return null;
  const put = { vehicle, ident, at, removed: null };
  const done = await fitDevice(ledger)(demoRequest(tenant, 'demo-device', vehicle), put);
  if (isLeft(done) && done.left.code !== 'DeviceAlreadyFitted') return null;
  return { tenant, ...issued.right, token: deviceToken(issued.right) };
};

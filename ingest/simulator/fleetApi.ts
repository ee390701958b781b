import { z } from 'zod';
import { DeviceIdent, type Tenant, VehicleId } from '#domain/kernel/ids.ts';
import type { Instant } from '#domain/kernel/instant.ts';
import type { DeviceLogin } from './uplink.ts';

const REQUEST_MAX_MS = 30_000;
const CREATED_MAX_STATUS = 201;

const Done = z.object({ id: z.string(), position: z.string() });
const Issued = z.object({ ident: DeviceIdent, secret: z.string(), token: z.string() });
const Problem = z.object({ code: z.string() });
const Ids = z.object({ items: z.array(z.object({ id: z.string() })) });

interface Reply {
  readonly path: string;
  readonly status: number;
  readonly body: unknown;
}

const codeOf = ({ body }: Reply): string => {
  const problem = Problem.safeParse(body);
  return problem.success ? problem.data.code : 'unknown';
};

/** The body of a request that was carried out; throws for any other. */
const must = (reply: Reply): unknown => {
  if (reply.status <= CREATED_MAX_STATUS) return reply.body;
  throw new Error(`${reply.path}: ${reply.status} ${codeOf(reply)}`);
};

/** A vehicle to be registered; `at` null is now. */
export interface NewVehicle {
  readonly park: string;
  readonly vin: string;
  readonly at: Instant | null;
}

/**
 * The part of the product's own API that a fleet needs to come into being. A request with a key is carried
 * out once, however often it is asked. Throws `ApiRefusal`.
 */
export const fleetApi = (address: string, token: string, tenant: Tenant) => {
  const authorization = `Bearer ${token}`;
  const ask = async (path: string, init: RequestInit): Promise<Reply> => {
    const signal = AbortSignal.timeout(REQUEST_MAX_MS);
    const reply = await fetch(new URL(`/api/v1/${path}`, address), { ...init, signal });
    return { path, status: reply.status, body: await reply.json() };
  };
  const post = (path: string, key: string | null, body: unknown): Promise<Reply> =>
    ask(path, {
      method: 'POST',
      headers: {
        authorization,
        'content-type': 'application/json',
        ...(key !== null && { 'idempotency-key': key }),
      },
      body: JSON.stringify(body),
    });
  const see = async (path: string, position: string): Promise<unknown> =>
    must(await ask(path, { headers: { authorization, 'ledger-position': position } }));
  const since = (at: Instant | null) => (at === null ? {} : { occurred_at: at });

  return {
    openPark: async (key: string, code: string, at: Instant | null): Promise<string> => {
      const place = { code, name: code, zone: 'Europe/Berlin', currency: 'EUR' };
      return Done.parse(must(await post('parks', key, { ...place, ...since(at) }))).id;
    },
    registerVehicle: async (key: string, { park, vin, at }: NewVehicle): Promise<VehicleId> => {
      const made = { vin, make: 'Renault', model: 'Clio', year: 2024, odometer_m: 0 };
      const owner_id = '00000000-0000-8000-8000-000000000030';
      const body = { park_id: park, owner_id, ...made, ...since(at) };
      return VehicleId.parse(Done.parse(must(await post('transport_registry', key, body))).id);
    },
    /** The first vehicles that there are. */
    vehicles: async (limit: number): Promise<readonly VehicleId[]> => {
      const found = await ask(`transport_registry?limit=${limit}`, { headers: { authorization } });
      return Ids.parse(must(found)).items.map(({ id }) => VehicleId.parse(id));
    },
    /** A device's secret: a new one, in place of the old one where it is registered already. */
    registerDevice: async (ident: DeviceIdent): Promise<DeviceLogin> => {
      const registered = await post('devices', null, { ident });
      const isThere = codeOf(registered) === 'device_registered';
      const issued = isThere ? await post(`devices/${ident}/rotate`, null, {}) : registered;
      return { tenant, ...Issued.parse(must(issued)) };
    },
    /** Ends when the product knows where the device is. One that is in there already stays. */
    fit: async (vehicle: VehicleId, ident: DeviceIdent, at: Instant | null): Promise<void> => {
      const path = `transport_registry/${vehicle}/devices`;
      const done = await post(path, `fit-${vehicle}-${ident}`, { ident, ...since(at) });
      if (codeOf(done) === 'device_already_fitted') return;
      await see(path, Done.parse(must(done)).position);
    },
  };
};

/** The API as a token sees it. */
export type FleetApi = ReturnType<typeof fleetApi>;

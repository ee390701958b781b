import { z } from 'zod';
import { Fault, type Faults } from './faults.ts';
import type { SessionTable } from './sessions.ts';
import type { Tracker } from './tracker.ts';
import { UnitChange, UnitSettings } from './unit.ts';

/** What can be done to a simulator while it runs. */
export interface Controls {
  readonly units: ReadonlyMap<number, Tracker>;
  readonly faults: Faults;
  readonly sessions: SessionTable;
  readonly add: (unit: UnitSettings) => void;
  readonly restart: (queue: 'kept' | 'lost') => void;
}

/** An HTTP status and what is said with it. */
export interface Controlled {
  readonly status: number;
  readonly body: unknown;
}

const UNIT = /^\/simulator\/units\/(\d{1,15})$/;
const Restart = z.strictObject({ queue: z.enum(['kept', 'lost']).default('kept') });

const done = (body: unknown): Controlled => ({ status: 200, body });
const notFound: Controlled = { status: 404, body: { error: 'not found' } };

/** What is shown of a unit; the password of where it reports to is not. */
const shown = (unit: Tracker) => {
  const { destination, ...settings } = unit.settings();
  return {
    ...settings,
    destination: destination && { ...destination, password: null },
    outputs: unit.outputs(),
    blocked: unit.isBlocked(),
    connected: unit.isConnected(),
    carried: unit.carried(),
  };
};

/** Does with a body that fits its schema what is to be done; says where another does not. */
const withBody = <Schema extends z.ZodType>(
  schema: Schema,
  body: unknown,
  work: (parsed: z.output<Schema>) => Controlled,
): Controlled => {
  const parsed = schema.safeParse(body);
  if (parsed.success) return work(parsed.data);
  return { status: 400, body: { error: z.prettifyError(parsed.error) } };
};

const controlUnit = (unit: Tracker | undefined, method: string, body: unknown): Controlled => {
  if (!unit) return notFound;
  if (method === 'GET') return done(shown(unit));
  return withBody(UnitChange, body, (change) => {
    unit.change(change);
    return done(shown(unit));
  });
};

const controlFaults = (faults: Faults, method: string, body: unknown): Controlled => {
  if (method === 'DELETE') faults.clear();
  if (method !== 'POST') return done(faults.list());
  return withBody(Fault, body, (fault) => {
    faults.add(fault);
    return done(faults.list());
  });
};

/**
 * The simulator's own address, which Wialon does not have: `/simulator/units` (GET, POST), `…/units/{id}`
 * (GET, PATCH), `/simulator/faults` (GET, POST, DELETE), `/simulator/restart` (POST; connections stay), and
 * `/simulator/limits` (GET), which tells how often somebody went beyond what is allowed.
 */
export const control = (
  controls: Controls,
  {
    method,
    path,
    body,
  }: { readonly method: string; readonly path: string; readonly body: unknown },
): Controlled => {
  const unit = UNIT.exec(path)?.[1];
  if (unit !== undefined) return controlUnit(controls.units.get(Number(unit)), method, body);
  if (path === '/simulator/faults') return controlFaults(controls.faults, method, body);
  if (path === '/simulator/limits') return done(controls.sessions.violations);
  if (path === '/simulator/units' && method === 'GET') {
    return done([...controls.units.values()].map(shown));
  }
  if (path === '/simulator/units' && method === 'POST') {
    return withBody(UnitSettings, body, (settings) => {
      if (controls.units.has(settings.id)) return { status: 409, body: { error: 'it is there' } };
      controls.add(settings);
      return { status: 201, body: { id: settings.id } };
    });
  }
  if (path === '/simulator/restart' && method === 'POST') {
    return withBody(Restart, body ?? {}, ({ queue }) => {
      controls.restart(queue);
      return done({});
    });
  }
  return notFound;
};

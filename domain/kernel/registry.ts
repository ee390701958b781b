import type { z } from 'zod';
import type { LedgerEvent, PiiDigest } from './event.ts';
import type { Digest } from './ids.ts';
import type { Moment } from './instant.ts';
import type { SubjectKey } from './subjects.ts';

/** Turns the data of one schema version into that of the next. Pure, and kept for ever. */
export type Upcast = (data: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;

/**
 * A type of event: its name, the version of its data, the shape of that version, and whom it concerns.
 * `upcasts[n]` lifts data of version n to n + 1; there is one for every version before the current.
 */
export interface EventType<Type extends string, Data extends z.ZodObject> {
  readonly type: Type;
  readonly schema: number;
  readonly about: string;
  readonly data: Data;
  readonly subjects: (data: z.infer<Data>) => readonly SubjectKey[];
  readonly upcasts: Readonly<Record<number, Upcast>>;
}

// biome-ignore lint/suspicious/noExplicitAny: a registry holds event types of every shape; each is parsed by its own.
export type AnyEventType = EventType<string, any>;

/** What the domain sees of an event: what happened, when it happened in the world, and its data. */
export interface FactOf<Type extends string, Data> {
  readonly type: Type;
  readonly when: Moment;
  readonly data: Data;
  readonly pii: readonly PiiDigest[];
  readonly sealed: readonly Digest[];
}

/**
 * The fact that a member of a list of event types describes; spread over a union it gives the union of facts.
 */
export type Fact<Type extends AnyEventType> =
  Type extends EventType<infer Name, infer Data> ? FactOf<Name, z.infer<Data>> : never;

export type AnyFact = FactOf<string, Readonly<Record<string, unknown>>>;

/** Declares a type of event in its first version, or, with `schema` and `upcasts`, in a later one. */
export const eventType = <Type extends string, Data extends z.ZodObject>(
  declared: Omit<EventType<Type, Data>, 'schema' | 'upcasts'> &
    Partial<Pick<EventType<Type, Data>, 'schema' | 'upcasts'>>,
): EventType<Type, Data> => ({ schema: 1, upcasts: {}, ...declared });

/** A fact of a declared type. Personal data enters as digests only. */
export const fact = <Type extends string, Data extends z.ZodObject>(
  { type }: EventType<Type, Data>,
  when: Moment,
  data: z.infer<Data>,
  pii: readonly PiiDigest[] = [],
): FactOf<Type, z.infer<Data>> => ({ type, when, data, pii, sealed: [] });

/** Every type of event by name. Two of one name are a bug. */
export type EventRegistry = ReadonlyMap<string, AnyEventType>;

export const eventRegistry = (types: readonly AnyEventType[]): EventRegistry => {
  const registry = new Map(types.map((type) => [type.type, type]));
  if (registry.size !== types.length) throw new Error('two event types share a name');
  return registry;
};

const upcast = (type: AnyEventType, stored: LedgerEvent): Readonly<Record<string, unknown>> => {
  let data: Readonly<Record<string, unknown>> = stored.data;
  for (let version = stored.schema; version < type.schema; version += 1) {
    const lift = type.upcasts[version];
    if (!lift) throw new Error(`${stored.type} has no upcast from schema ${version}`);
    data = lift(data);
  }
  return data;
};

/**
 * The fact in a stored event, lifted to the current version of its type and parsed again: what was stored and
 * does not parse is corruption, so it throws, with the id and never the data.
 */
export const factOf = (registry: EventRegistry, stored: LedgerEvent): AnyFact => {
  const type = registry.get(stored.type);
  if (!type || stored.schema > type.schema) {
    throw new Error(`event ${stored.id} is of the unknown type ${stored.type}@${stored.schema}`);
  }
  const parsed = type.data.safeParse(upcast(type, stored));
  if (!parsed.success) {
    const paths = parsed.error.issues
      .map(({ path }: z.core.$ZodIssue) => path.join('.'))
      .join(', ');
    throw new Error(`event ${stored.id} does not parse as ${stored.type}: ${paths}`);
  }
  const { occurredAt: at, zone, localDate } = stored;
  const { pii, sealed } = stored;
  return { type: stored.type, when: { at, zone, localDate }, data: parsed.data, pii, sealed };
};

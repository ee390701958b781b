import { z } from 'zod';

/** An error inside an answer; what has none, or error 0, is none. */
const Failed = z.object({ error: z.int() });

/** The code of the error that an answer is; 0 where it is none; null where it is not an answer at all. */
export const errorIn = (body: unknown): number | null => {
  if (typeof body !== 'object' || body === null) return null;
  const failed = Failed.safeParse(body);
  if (failed.success) return failed.data.error;
  return 'error' in body ? null : 0;
};

/** What a login tells: the session, and who we are. */
export const LoggedIn = z.object({
  eid: z.string().min(1).max(256),
  user: z.object({ id: z.int() }),
});

const OUTPUTS_BITS_MAX = 0xffff_ffff;
const EPOCH_MAX_S = 253_402_300_799;
const TEXT_MAX_CHARS = 1_024;
/** The bit of a message's `f` that says that its `o` was told. */
const HAS_OUTPUTS = 4;

const Seconds = z.int().min(0).max(EPOCH_MAX_S);

const CommandRecord = z
  .object({
    tp: z.literal('ucr'),
    t: Seconds,
    cn: z.string().max(64),
    ui: z.int(),
    et: Seconds.nullish(),
  })
  .transform(({ t, cn, ui, et }) => ({
    ...{ kind: 'command' as const, at_s: t, type: cn, user: ui },
    // A record of what was not carried out has no time of it; some tell 0.
    executed_s: et ? et : null,
  }));

const DataRecord = z
  .object({
    tp: z.literal('ud'),
    t: Seconds,
    f: z.int().min(0).catch(0),
    o: z.int().min(0).max(OUTPUTS_BITS_MAX).nullish().catch(null),
    p: z
      .object({ text: z.string().nullish().catch(null) })
      .nullish()
      .catch(null),
  })
  .transform(({ t, f, o, p }) => ({
    kind: 'data' as const,
    at_s: t,
    outputs: Math.floor(f / HAS_OUTPUTS) % 2 === 1 ? (o ?? null) : null,
    text: p?.text ? p.text.slice(0, TEXT_MAX_CHARS) : null,
  }));

/** A message that says something about a command: its record, or what the device told. */
const WialonMessage = z.union([CommandRecord, DataRecord]);
export type WialonMessage = z.output<typeof WialonMessage>;

/** The message that a thing is; null if it is none of ours to read. */
export const messageIn = (thing: unknown): WialonMessage | null => {
  const parsed = WialonMessage.safeParse(thing);
  return parsed.success ? parsed.data : null;
};

/** By how much a device's clock may be ahead; it has the time from satellites. */
const AHEAD_MAX_S = 5;

/**
 * Whether a message is dated after a moment, in seconds by Wialon's clock. It proves nothing: by its date it
 * could be taken for newer than an order that it knows nothing of.
 */
export const isFromFuture = ({ at_s }: WialonMessage, now_s: number): boolean =>
  at_s > now_s + AHEAD_MAX_S;

const EVENTS_MAX = 50_000;

/** What `avl_evts` tells: the server's time in seconds, and what happened. */
export const Events = z.object({ tm: Seconds, events: z.array(z.unknown()).max(EVENTS_MAX) });

/** One thing that happened: to which unit, `m` a message, `u` a change, and what. */
export const WialonEvent = z.object({ i: z.int(), t: z.string(), d: z.unknown() });

const Connection = z.object({ netconn: z.union([z.literal(0), z.literal(1)]) });

/** Whether a unit's data says that it is connected; null where it does not say. */
export const connectionIn = (data: unknown): boolean | null => {
  const parsed = Connection.safeParse(data);
  return parsed.success ? parsed.data.netconn === 1 : null;
};

/** What a subscription answers: the data of each unit that is followed now. */
export const Followed = z.array(z.object({ i: z.int(), d: z.unknown() })).max(EVENTS_MAX);

/** Messages that were loaded. */
export const Loaded = z.object({ messages: z.array(z.unknown()).max(EVENTS_MAX) });

/** A unit's list of defined commands. */
export const Commands = z.object({
  item: z.object({
    cml: z.record(z.string(), z.object({ n: z.string().min(1), c: z.string() })).catch({}),
  }),
});

import { z } from 'zod';
import type { Clock } from '#ingest/clock.ts';
import { type Message, secondsOf } from './message.ts';
import type { Session, SessionTable } from './sessions.ts';
import type { Tracker } from './tracker.ts';
import { CommandType } from './unit.ts';

/** A token of a user. `activeFrom_ms`: when it begins to be good. */
export interface Token {
  readonly token: string;
  readonly user: number;
  readonly activeFrom_ms: number;
}

/** What the services work with. `hasSendCmd`: whether the newer of the two services for commands is there. */
export interface World {
  readonly clock: Clock;
  readonly tokens: readonly Token[];
  readonly hasSendCmd: boolean;
  readonly units: ReadonlyMap<number, Tracker>;
  readonly sessions: SessionTable;
}

/** Codes of errors. Source: Wialon's documentation of the remote API, "Errors". */
export const ERRORS = {
  session: 1,
  service: 2,
  input: 4,
  failed: 5,
  denied: 7,
  login: 8,
  concurrent: 10,
  none: 1001,
  busy: 1003,
} as const;

/** An error as Wialon answers it, with HTTP status 200. */
export const errorOf = (code: number): { readonly error: number } => ({ error: code });

const MS_PER_S = 1_000;
const TOKEN_CHARS = 72;
const UNIT_CLASS = 2;
const FLAGS = { base: 1, last: 0x400, commands: 0x80000, connection: 0x200000 } as const;
const COMMAND_MESSAGES = 0x200;
const LOADED_MAX = 10_000;
const DATA_FLAGS_UNITS_MAX = 20_000;
const MODES = { replace: 0, add: 1, remove: 2 } as const;

type Service = (world: World, session: Session, params: unknown) => unknown;

const commandsOf = (unit: Tracker) =>
  Object.fromEntries(
    unit.settings().commands.map((each, index) => [index + 1, { id: index + 1, ...each, a: 256 }]),
  );

/** What is known of a unit, as far as the flags ask for it. */
const itemOf = (unit: Tracker, flags: number): Readonly<Record<string, unknown>> => {
  const { id, name } = unit.settings();
  return {
    ...{ id, cls: UNIT_CLASS },
    ...((flags & FLAGS.base) > 0 && { nm: name }),
    ...((flags & FLAGS.last) > 0 && {
      lmsg: unit.messages().findLast(({ tp }) => tp === 'ud') ?? null,
    }),
    ...((flags & FLAGS.commands) > 0 && { cml: commandsOf(unit) }),
    ...((flags & FLAGS.connection) > 0 && { netconn: unit.isConnected() ? 1 : 0 }),
  };
};

const SearchItem = z.object({ id: z.int(), flags: z.int() });
const searchItem: Service = ({ units }, _session, params) => {
  const asked = SearchItem.safeParse(params);
  if (!asked.success) return errorOf(ERRORS.input);
  const unit = units.get(asked.data.id);
  if (!unit) return errorOf(ERRORS.denied);
  return { item: itemOf(unit, asked.data.flags), flags: asked.data.flags };
};

const SearchItems = z.object({
  spec: z.object({ itemsType: z.literal('avl_unit'), propValueMask: z.string().max(256) }),
  flags: z.int(),
  from: z.int().min(0),
  to: z.int().min(0),
});
const searchItems: Service = ({ units }, _session, params) => {
  const asked = SearchItems.safeParse(params);
  if (!asked.success) return errorOf(ERRORS.input);
  const { spec, flags, from, to } = asked.data;
  const quoted = spec.propValueMask.replaceAll(/[\\^$.+?()[\]{}|]/g, String.raw`\$&`);
  const mask = new RegExp(`^${quoted.replaceAll('*', '.*')}$`, 'i');
  const found = [...units.values()].filter((unit) => mask.test(unit.settings().name));
  const items = found.slice(from, to === 0 ? undefined : to + 1);
  return {
    ...{ dataFlags: flags, totalItemsCount: found.length, indexFrom: from, indexTo: to },
    items: items.map((unit) => itemOf(unit, flags)),
  };
};

const Flags = z.object({
  spec: z
    .array(
      z.object({
        type: z.enum(['id', 'col', 'type']),
        data: z.union([z.int(), z.array(z.int()).max(DATA_FLAGS_UNITS_MAX), z.string()]),
        flags: z.int(),
        mode: z.int().min(0).max(2),
      }),
    )
    .max(1_000),
});
const updateDataFlags: Service = ({ units }, session, params) => {
  const asked = Flags.safeParse(params);
  if (!asked.success) return errorOf(ERRORS.input);
  return asked.data.spec.flatMap(({ data, flags, mode }) => {
    const named = typeof data === 'string' ? [...units.keys()] : [data].flat();
    return named.flatMap((id) => {
      const unit = units.get(id);
      if (!unit) return [];
      const before = mode === MODES.replace ? 0 : (session.follows.get(id) ?? 0);
      const after = mode === MODES.remove ? before & ~flags : before | flags;
      session.follows.set(id, after);
      return [{ i: id, d: itemOf(unit, flags), f: after }];
    });
  });
};

const Sent = z.object({
  itemId: z.int(),
  commandName: z.string().max(256).default(''),
  linkType: z.enum(['', 'tcp', 'udp', 'vrt', 'gsm']),
  param: z.string().max(4_096),
  timeout: z.int().min(0).max(86_400),
  flags: z.int(),
});
const SentByType = Sent.extend({ commandType: CommandType });

/** Hands a command to a unit. A timeout of 0 is none: it would wait for ever. */
const give = (
  { units }: World,
  { user }: Session,
  { itemId, timeout }: z.infer<typeof Sent>,
  commandOf: (unit: Tracker) => { readonly type: CommandType; readonly name: string } | null,
): unknown => {
  const unit = units.get(itemId);
  if (!unit?.settings().hasRights) return errorOf(ERRORS.denied);
  const command = commandOf(unit);
  if (command === null) return errorOf(ERRORS.input);
  if (!unit.isConnected() && !unit.settings().mayQueue) return errorOf(ERRORS.failed);
  unit.take({ ...command, user, queue_ms: (timeout || 86_400) * MS_PER_S });
  return {};
};
const sendCommand: Service = (world, session, params) => {
  if (!world.hasSendCmd) return errorOf(ERRORS.service);
  const asked = SentByType.safeParse(params);
  if (!asked.success) return errorOf(ERRORS.input);
  const { commandType, commandName } = asked.data;
  const command = { type: commandType, name: commandName || commandType };
  return give(world, session, asked.data, () => command);
};
const executeCommand: Service = (world, session, params) => {
  const asked = Sent.safeParse(params);
  if (!asked.success) return errorOf(ERRORS.input);
  return give(world, session, asked.data, (unit) => {
    const found = unit.settings().commands.find(({ n }) => n === asked.data.commandName);
    return found ? { type: found.c, name: found.n } : null;
  });
};

const Load = z.object({
  itemId: z.int(),
  lastTime: z.int(),
  lastCount: z.int().min(1).max(LOADED_MAX),
  flags: z.int(),
  flagsMask: z.int(),
  loadCount: z.int().min(0),
});
const isOfType = ({ tp }: Message, type: number): boolean =>
  (tp === 'ucr' ? COMMAND_MESSAGES : 0) === type;
const loadLast: Service = ({ units }, _session, params) => {
  const asked = Load.safeParse(params);
  if (!asked.success) return errorOf(ERRORS.input);
  const { itemId, lastTime, lastCount, flags, flagsMask, loadCount } = asked.data;
  const unit = units.get(itemId);
  if (!unit) return errorOf(ERRORS.denied);
  const found = unit
    .messages()
    .filter((each) => each.t <= lastTime && isOfType(each, flags & flagsMask))
    .slice(-lastCount);
  if (found.length === 0) return errorOf(ERRORS.none);
  return { count: found.length, messages: found.slice(0, loadCount) };
};

const logOut: Service = ({ sessions }, { sid }) => {
  sessions.drop(sid);
  return errorOf(0);
};

const SERVICES: ReadonlyMap<string, Service> = new Map([
  ['core/search_item', searchItem],
  ['core/search_items', searchItems],
  ['core/update_data_flags', updateDataFlags],
  ['unit/send_cmd', sendCommand],
  ['unit/exec_cmd', executeCommand],
  ['messages/load_last', loadLast],
  ['core/logout', logOut],
]);

/** A service of a session, by its name; what there is none of is an error. */
export const callService = (
  world: World,
  session: Session,
  service: string,
  params: unknown,
): unknown => SERVICES.get(service)?.(world, session, params) ?? errorOf(ERRORS.service);

const Batch = z.union([
  z.array(z.object({ svc: z.string(), params: z.unknown() })).max(1_000),
  z.object({
    params: z.array(z.object({ svc: z.string(), params: z.unknown() })).max(1_000),
    flags: z.int().default(0),
  }),
]);
const isError = (answer: unknown): boolean =>
  typeof answer === 'object' && answer !== null && 'error' in answer && answer.error !== 0;

/** Several services in turn; with flag 1 the first error ends it, and those after it are error 10. */
export const callBatch = (world: World, session: Session, params: unknown): unknown => {
  const asked = Batch.safeParse(params);
  if (!asked.success) return errorOf(ERRORS.input);
  const calls = Array.isArray(asked.data) ? asked.data : asked.data.params;
  const stops = !Array.isArray(asked.data) && (asked.data.flags & 1) === 1;
  let isOver = false;
  return calls.map((call) => {
    if (isOver) return errorOf(ERRORS.concurrent);
    const answer = callService(world, session, call.svc, call.params);
    isOver = stops && isError(answer);
    return answer;
  });
};

const Login = z.object({ token: z.string(), fl: z.int().default(1) });

/** Lets in whoever has a good token. Too many tries in a minute are turned away like wrong ones. */
export const logIn = ({ tokens, sessions, clock }: World, params: unknown): unknown => {
  const asked = Login.safeParse(params);
  if (!asked.success || asked.data.token.length !== TOKEN_CHARS) return errorOf(ERRORS.input);
  const known = tokens.find(({ token }) => token === asked.data.token);
  const isGood = known !== undefined && known.activeFrom_ms <= clock.now_ms();
  if (!sessions.mayLogIn(!isGood) || !isGood) return errorOf(ERRORS.login);
  const { sid, user } = sessions.open(known.user);
  const at = secondsOf(known.activeFrom_ms);
  const token = JSON.stringify({ app: 'simulator', ct: at, at, dur: 0, fl: asked.data.fl });
  return {
    ...{ eid: sid, gis_sid: '', au: `user${user}`, tm: secondsOf(clock.now_ms()) },
    user: { nm: `user${user}`, id: user },
    token,
  };
};

import type { Clock } from '#ingest/clock.ts';
import { chance } from '#ingest/demo/chance.ts';
import { deedOf, isBlocked, releasedOutputs } from './device.ts';
import type { Faults } from './faults.ts';
import { commandMessage, dataMessage, type Message } from './message.ts';
import { type CommandType, type UnitChange, UnitSettings } from './unit.ts';

/** A command as it was given to Wialon. `queue_ms`: how long it may wait there at most. */
export interface Command {
  readonly type: CommandType;
  readonly name: string;
  readonly user: number;
  readonly queue_ms: number;
}

/** What became of a command: when it was taken, when it left the queue for the device; null: it did not. */
export interface Carried {
  readonly type: CommandType;
  readonly user: number;
  readonly taken_ms: number;
  readonly executed_ms: number | null;
}

/** A unit that runs: what it is, what it was told, and what it told. */
export interface Tracker {
  readonly settings: () => UnitSettings;
  readonly outputs: () => number;
  readonly isBlocked: () => boolean;
  readonly isConnected: () => boolean;
  /** Every command that was ever taken and has left the queue, oldest first, at most 1,000. */
  readonly carried: () => readonly Carried[];
  /** Every message that there was, oldest first, at most 1,000. */
  readonly messages: () => readonly Message[];
  readonly change: (change: UnitChange) => void;
  readonly take: (command: Command) => void;
  /** The relay begins anew: what waits there is kept, or lost. */
  readonly restart: (queue: 'kept' | 'lost') => void;
  readonly stop: () => void;
}

interface Parts {
  readonly clock: Clock;
  readonly seed: string;
  readonly faults: Faults;
  readonly tell: (unit: number, message: Message) => void;
  readonly connectionChanged: (unit: number, isConnected: boolean) => void;
}

interface Waiting {
  readonly command: Command;
  readonly taken_ms: number;
}

const KEPT_MAX = 1_000;
const KM_PER_DEGREE = 111.195;
const MS_PER_H = 3_600_000;
const UCR_LATE_MS = 6_000;
const OVER_SMS: CommandType = 'query_pos';

/** A unit where the time goes on: it drives, and its ignition stays off while the starter is cut. */
const driven = (unit: UnitSettings, for_ms: number): UnitSettings => {
  const km = (unit.speed_kmh * for_ms) / MS_PER_H;
  const lon = unit.lon + km / (KM_PER_DEGREE * Math.cos((unit.lat * Math.PI) / 180));
  return { ...unit, lon: Math.round(lon * 1e6) / 1e6 };
};

/** A unit with what was changed; what is blocked cannot be started, what runs goes on. */
const changed = (unit: UnitSettings, change: UnitChange, blocked: boolean): UnitSettings => {
  const given = Object.entries(change).filter(([, value]) => value !== undefined);
  const next = UnitSettings.parse({ ...unit, ...Object.fromEntries(given) });
  const starts = blocked && !unit.ignition && (next.ignition || next.speed_kmh > 0);
  return starts ? { ...next, ignition: false, speed_kmh: 0 } : next;
};

/** Runs a unit. All that chance decides follows from the seed and the number of the command. */
export const tracker = (given: UnitSettings, parts: Parts): Tracker => {
  const { clock, faults, seed } = parts;
  let unit = given;
  let outputs = releasedOutputs(unit);
  let awakeUntil_ms = 0;
  let moved_ms = clock.now_ms();
  let waiting: readonly Waiting[] = [];
  let isRunning = true;
  let taken = 0;
  const messages: Message[] = [];
  const carried: Carried[] = [];
  const timers = new Set<() => void>();

  const keep = <Thing>(list: Thing[], thing: Thing): void => {
    list.push(thing);
    if (list.length > KEPT_MAX) list.shift();
  };
  const after = (delay_ms: number, work: () => void): void => {
    const cancel = clock.after(delay_ms, () => {
      timers.delete(cancel);
      work();
    });
    timers.add(cancel);
  };
  const isConnected = (): boolean =>
    unit.connection === 'online' ||
    (unit.connection === 'sleeping' && clock.now_ms() < awakeUntil_ms);
  const tell = (message: Message): void => {
    keep(messages, message);
    parts.tell(unit.id, message);
  };
  const report = (text: string | null = null): void => {
    if (!isConnected()) return;
    unit = driven(unit, clock.now_ms() - moved_ms);
    moved_ms = clock.now_ms();
    tell(dataMessage(unit, outputs, text, moved_ms + unit.clockAhead_ms));
  };

  const act = (type: CommandType): void => {
    if (unit.obedience === 'ignores' && type !== 'query_pos') return;
    const deed = deedOf(unit, outputs, type);
    outputs = deed.outputs;
    if (unit.answers !== 'late') report(deed.text);
    else after(unit.late_ms, () => report(deed.text));
    if (unit.answers === 'twice') report(deed.text);
  };
  const record = ({ command, taken_ms }: Waiting, executed_ms: number | null): void => {
    keep(carried, { type: command.type, user: command.user, taken_ms, executed_ms });
    const moment = { service: 'ucr', unit: unit.id };
    if (faults.strike(new Set(['ucr_lost']), moment)) return;
    const message = commandMessage(command, taken_ms, executed_ms);
    if (faults.strike(new Set(['ucr_late']), moment)) after(UCR_LATE_MS, () => tell(message));
    else tell(message);
  };
  const wake = (): void => {
    awakeUntil_ms = clock.now_ms() + unit.awake_ms;
    parts.connectionChanged(unit.id, true);
    after(unit.awake_ms, () => parts.connectionChanged(unit.id, isConnected()));
    report();
    deliver();
  };
  const execute = (entry: Waiting, number: number): void => {
    record(entry, clock.now_ms());
    const { type } = entry.command;
    if (!isConnected()) {
      after(unit.wakes_ms, wake);
      return;
    }
    const draw = chance(`${seed}:${unit.id}:${number}`);
    after(unit.acts_ms + draw.whole(0, unit.jitter_ms), () => act(type));
  };
  const isWaiting = (entry: Waiting): boolean => waiting.includes(entry);
  const leave = (entry: Waiting): void => {
    waiting = waiting.filter((each) => each !== entry);
  };
  /** Whether a command has a way to the device: by the line, or by SMS where only that wakes it. */
  const hasWay = ({ command }: Waiting): boolean =>
    isConnected() || (unit.connection === 'sleeping' && command.type === OVER_SMS);
  const deliver = (): void => {
    for (const entry of waiting.filter(hasWay)) {
      taken += 1;
      const number = taken;
      after(unit.link_ms, () => {
        if (!isWaiting(entry) || !hasWay(entry)) return;
        leave(entry);
        execute(entry, number);
      });
    }
  };
  const giveUpLate = (entry: Waiting): void => {
    const left_ms = entry.taken_ms + entry.command.queue_ms - clock.now_ms();
    after(Math.max(0, left_ms), () => {
      if (!isWaiting(entry)) return;
      leave(entry);
      record(entry, null);
    });
  };
  const reportAgain = (): void => {
    after(unit.report_ms, () => {
      report();
      if (isRunning) reportAgain();
    });
  };
  reportAgain();
  report();

  return {
    settings: () => unit,
    outputs: () => outputs,
    isBlocked: () => isBlocked(unit, outputs),
    isConnected,
    carried: () => carried,
    messages: () => messages,
    change: (change) => {
      const before = isConnected();
      unit = changed(driven(unit, clock.now_ms() - moved_ms), change, isBlocked(unit, outputs));
      moved_ms = clock.now_ms();
      if (isConnected() !== before) parts.connectionChanged(unit.id, isConnected());
      report();
      deliver();
    },
    take: (command) => {
      const entry = { command, taken_ms: clock.now_ms() };
      waiting = [...waiting, entry].slice(-KEPT_MAX);
      giveUpLate(entry);
      deliver();
    },
    restart: (queue) => {
      if (queue === 'lost') waiting = [];
    },
    stop: () => {
      isRunning = false;
      for (const cancel of timers) cancel();
      timers.clear();
    },
  };
};

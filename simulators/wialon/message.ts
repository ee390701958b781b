import type { CommandType, UnitSettings } from './unit.ts';

const MS_PER_S = 1_000;
/** What a data message carries, in its `f`: a position, inputs, outputs. */
const HAS_POSITION = 1;
const HAS_INPUTS = 2;
const HAS_OUTPUTS = 4;

/** What a device told, as Wialon keeps it: `t` seconds since 1970, `o` its outputs as bits. */
export interface DataMessage {
  readonly t: number;
  readonly f: number;
  readonly tp: 'ud';
  readonly pos: {
    readonly y: number;
    readonly x: number;
    readonly z: number;
    readonly s: number;
    readonly c: number;
    readonly sc: number;
  } | null;
  readonly i: number;
  readonly o: number;
  readonly p: Readonly<Record<string, string | number>>;
}

/** The record of a command: `t` when it was taken, `et` when it was carried out, absent if it was not. */
export interface CommandMessage {
  readonly t: number;
  readonly f: 0;
  readonly tp: 'ucr';
  readonly ca: string;
  readonly cn: CommandType;
  readonly cp: string;
  readonly ui: number;
  readonly ln: string;
  readonly lt: string;
  readonly et?: number;
  readonly p: Readonly<Record<string, never>>;
}

export type Message = DataMessage | CommandMessage;

/** A moment as Wialon tells it: whole seconds since 1970. */
export const secondsOf = (at_ms: number): number => Math.floor(at_ms / MS_PER_S);

/** What a unit tells at a moment; `text` null: no words. */
export const dataMessage = (
  unit: Pick<UnitSettings, 'lat' | 'lon' | 'speed_kmh' | 'ignition' | 'hasFix'>,
  outputs: number,
  text: string | null,
  at_ms: number,
): DataMessage => ({
  t: secondsOf(at_ms),
  f: (unit.hasFix ? HAS_POSITION : 0) | HAS_INPUTS | HAS_OUTPUTS,
  tp: 'ud',
  pos: unit.hasFix
    ? { y: unit.lat, x: unit.lon, z: 50, s: Math.round(unit.speed_kmh), c: 90, sc: 9 }
    : null,
  i: unit.ignition ? 1 : 0,
  o: outputs,
  p: {
    ign: unit.ignition ? 1 : 0,
    pwr_ext: unit.ignition ? 14.1 : 12.4,
    ...(text !== null && { text }),
  },
});

/** The record of a command that was taken at a moment; `executed_ms` null: it was given up. */
export const commandMessage = (
  command: { readonly type: CommandType; readonly name: string; readonly user: number },
  taken_ms: number,
  executed_ms: number | null,
): CommandMessage => ({
  ...{ t: secondsOf(taken_ms), f: 0, tp: 'ucr', ca: command.name, cn: command.type, cp: '' },
  ...{ ui: command.user, ln: 'TCP', lt: 'tcp' },
  ...(executed_ms !== null && { et: secondsOf(executed_ms) }),
  p: {},
});

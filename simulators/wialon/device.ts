import type { CommandType, UnitSettings } from './unit.ts';

/** What a device does on a command: its outputs afterwards, and what it says; null: nothing. */
export interface Deed {
  readonly outputs: number;
  readonly text: string | null;
}

const UNKNOWN_TEXT = 'RELAY,0x21,ST=7';

/** The outputs with the one that blocks set so that it does, or does not. */
const switched = ({ output, blocksWhenOn }: UnitSettings, outputs: number, blocks: boolean) => {
  const bit = 2 ** (output - 1);
  const isOn = Math.floor(outputs / bit) % 2 === 1;
  if (isOn === (blocks === blocksWhenOn)) return outputs;
  return isOn ? outputs - bit : outputs + bit;
};

/** Whether the output says that the engine is blocked. */
export const isBlocked = ({ output, blocksWhenOn }: UnitSettings, outputs: number): boolean =>
  (Math.floor(outputs / 2 ** (output - 1)) % 2 === 1) === blocksWhenOn;

/** The outputs of a unit that is not blocked. */
export const releasedOutputs = (unit: UnitSettings): number => switched(unit, 0, false);

/** Why a device would not block; null if it would. Source: the answers of Concox GT06 over GPRS. */
const refusal = ({ hasFix, speedGuard_kmh, speed_kmh }: UnitSettings): string | null => {
  if (speedGuard_kmh === null) return null;
  if (!hasFix) return 'DYD=Unvalued Fix';
  return speed_kmh > speedGuard_kmh ? `DYD=Speed Limit, Speed ${Math.round(speed_kmh)}km/h` : null;
};

/** What a device makes of a command: blocking is refused without a fix or at speed, releasing never is. */
export const deedOf = (unit: UnitSettings, outputs: number, type: CommandType): Deed => {
  if (type === 'query_pos') return { outputs, text: null };
  const blocks = type === 'block_engine';
  const refused = blocks ? refusal(unit) : null;
  const usual = refused ?? (blocks ? 'DYD=Success!' : 'HFYD=Success!');
  const spoken = unit.answers === 'unknown' ? UNKNOWN_TEXT : usual;
  const text = unit.answers === 'none' ? null : spoken;
  const moves = refused === null && unit.obedience === 'obeys';
  return { outputs: moves ? switched(unit, outputs, blocks) : outputs, text };
};

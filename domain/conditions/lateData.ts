import { right } from 'fp-ts/lib/Either.js';
import type { Decider } from '#domain/kernel/decider.ts';
import type { DeviceIdent, ParkId, VehicleId } from '#domain/kernel/ids.ts';
import type { Instant, Moment } from '#domain/kernel/instant.ts';
import { fact } from '#domain/kernel/registry.ts';
import { type LateDataEvent, LateDataIgnored } from './events.ts';

/** Says that nothing is concluded from readings of a device between `when` and `to`. */
export interface LateDataCommand {
  readonly type: 'IgnoreLateData';
  readonly vehicle: VehicleId;
  readonly park: ParkId;
  readonly ident: DeviceIdent;
  readonly to: Instant;
  readonly readings: number;
  readonly when: Moment;
}

/** Whether it has been said. */
interface LateDataState {
  readonly isSaid: boolean;
}

/** Late data that was passed over. Its stream follows from what is said of it: it is said once. */
export const lateDataDecider: Decider<LateDataCommand, LateDataEvent, LateDataState, never> = {
  initial: { isSaid: false },
  decide: ({ vehicle, park, ident, to, readings, when }, { isSaid }) =>
    right(isSaid ? [] : [fact(LateDataIgnored, when, { vehicle, park, ident, to, readings })]),
  evolve: () => ({ isSaid: true }),
};

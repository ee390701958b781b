import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { z } from 'zod';
import type { Attribution } from '#domain/kernel/attribution.ts';
import { type Decider, unreachable } from '#domain/kernel/decider.ts';
import type { ConditionId, DeviceIdent, Digest, ParkId, VehicleId } from '#domain/kernel/ids.ts';
import type { Instant, Moment } from '#domain/kernel/instant.ts';
import { fact } from '#domain/kernel/registry.ts';
import {
  ConditionAmended,
  type ConditionAmendReason,
  type ConditionEvent,
  type ConditionKind,
  ConditionNoted,
  ConditionVoided,
  type ConditionVoidReason,
} from './events.ts';

type Kind = z.infer<typeof ConditionKind>;

interface Extent {
  readonly when: Moment;
  readonly endedAt: Instant | null;
  readonly evidence: Digest | null;
}

interface Content extends Attribution {
  readonly vehicle: VehicleId;
  readonly park: ParkId;
  readonly kind: Kind;
  readonly matter: string | null;
  readonly ident: DeviceIdent | null;
}

type Ask = { readonly condition: ConditionId };
type NoteCondition = Ask & Content & Extent & { readonly type: 'NoteCondition' };
type AmendCondition = Ask &
  Extent & {
    readonly type: 'AmendCondition';
    readonly reason: z.infer<typeof ConditionAmendReason>;
  };
type VoidCondition = Ask & {
  readonly type: 'VoidCondition';
  readonly reason: z.infer<typeof ConditionVoidReason>;
};

/**
 * What one may ask of a condition. `when` is its beginning, `endedAt` its end, null while it goes on;
 * `evidence` the digest of the readings behind it, null for none, of AmendCondition where it stays.
 */
export type ConditionCommand = NoteCondition | AmendCondition | VoidCondition;

/** Why a condition may say no. */
export type ConditionRefusal =
  | { readonly code: 'ConditionUnknown'; readonly condition: ConditionId }
  | { readonly code: 'ConditionAlreadyNoted'; readonly condition: ConditionId }
  | { readonly code: 'MatterMissing'; readonly condition: ConditionId; readonly kind: Kind }
  | { readonly code: 'EndBeforeStart'; readonly condition: ConditionId };

/** A condition as it is known now, and `first` as it was noted. */
interface KnownCondition extends Content, Extent {
  readonly phase: 'noted' | 'voided';
  readonly first: Extent;
}

/** What is known of a condition. */
export type ConditionState = { readonly phase: 'unknown' } | KnownCondition;

type Decision = Either<ConditionRefusal, readonly ConditionEvent[]>;
const nothing: Decision = right([]);

/** Which kinds say nothing without the fence or the code that they are about. */
const needsMatter: Readonly<Record<Kind, boolean>> = {
  parking: false,
  idling: false,
  geofence: true,
  offline: false,
  fault: true,
};

const isSameExtent = (one: Extent, other: Extent): boolean =>
  one.when.at === other.when.at && one.endedAt === other.endedAt && one.evidence === other.evidence;

const endsTooEarly = ({ when, endedAt }: Extent): boolean => endedAt !== null && endedAt < when.at;

const note = (command: NoteCondition, state: ConditionState): Decision => {
  const { condition, vehicle, park, driver, rental, kind, matter, ident } = command;
  const { endedAt, evidence, when } = command;
  if (state.phase !== 'unknown') {
    const isSame =
      state.vehicle === vehicle &&
      state.kind === kind &&
      state.matter === matter &&
      state.ident === ident &&
      isSameExtent(state.first, command);
    // Also of one that was struck out or amended since: what is told again does not bring it back.
    return isSame ? nothing : left({ code: 'ConditionAlreadyNoted', condition });
  }
  if (endsTooEarly(command)) return left({ code: 'EndBeforeStart', condition });
  if (needsMatter[kind] && matter === null) return left({ code: 'MatterMissing', condition, kind });
  const concerned = { condition, vehicle, park, driver, rental };
  return right([
    fact(ConditionNoted, when, { ...concerned, kind, matter, ident, endedAt, evidence }),
  ]);
};

const concernedBy = (
  { condition }: Ask,
  { vehicle, park, driver, rental }: KnownCondition,
): Ask & Omit<Content, 'kind' | 'matter' | 'ident'> => ({
  condition,
  vehicle,
  park,
  driver,
  rental,
});

/** Whoever concluded it need not know what has become of it: what never was stays so. */
const amend = (command: AmendCondition, state: KnownCondition): Decision => {
  const { condition, when, endedAt, reason } = command;
  if (state.phase === 'voided') return nothing;
  if (endsTooEarly(command)) return left({ code: 'EndBeforeStart', condition });
  const evidence = command.evidence ?? state.evidence;
  if (isSameExtent({ when, endedAt, evidence }, state)) return nothing;
  const extent = { startedAt: when.at, endedAt, evidence };
  const concerned = concernedBy(command, state);
  return right([fact(ConditionAmended, when, { ...concerned, ...extent, reason })]);
};

const decide = (command: ConditionCommand, state: ConditionState): Decision => {
  if (command.type === 'NoteCondition') return note(command, state);
  const { condition } = command;
  if (state.phase === 'unknown') return left({ code: 'ConditionUnknown', condition });
  if (command.type === 'AmendCondition') return amend(command, state);
  if (state.phase === 'voided') return nothing;
  const { reason } = command;
  // A correction acts at the time of what it corrects.
  return right([fact(ConditionVoided, state.when, { ...concernedBy(command, state), reason })]);
};

const evolve = (state: ConditionState, event: ConditionEvent): ConditionState => {
  const { when } = event;
  if (event.type === 'ConditionNoted') {
    const { condition: _, endedAt, evidence, ...content } = event.data;
    const first = { when, endedAt, evidence };
    return { ...content, ...first, phase: 'noted', first };
  }
  if (state.phase === 'unknown') return state;
  switch (event.type) {
    case 'ConditionAmended': {
      const { endedAt, evidence } = event.data;
      return { ...state, when, endedAt, evidence };
    }
    case 'ConditionVoided':
      return { ...state, phase: 'voided' };
    default:
      return unreachable(event);
  }
};

/** One condition of a vehicle, from its first reading to its last. */
export const conditionDecider: Decider<
  ConditionCommand,
  ConditionEvent,
  ConditionState,
  ConditionRefusal
> = {
  initial: { phase: 'unknown' },
  decide,
  evolve,
};

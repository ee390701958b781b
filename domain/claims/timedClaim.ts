import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { type Decider, unreachable } from '#domain/kernel/decider.ts';
import type { CommandId } from '#domain/kernel/ids.ts';
import { type Instant, type Interval, type Moment, overlaps } from '#domain/kernel/instant.ts';
import { fact } from '#domain/kernel/registry.ts';
import type { ClaimHolder } from './claim.ts';
import { type ClaimEvent, ClaimReleased, ClaimTaken } from './events.ts';

/** Who holds a claim for a stretch of true time; `to: null` is until further notice. */
export interface HeldStretch extends ClaimHolder, Interval {}

/**
 * What one may ask of a claim on a stretch of time. It is taken from `when` on, up to `until` where that is
 * not null, and released from `when` on: what lies before stays held.
 */
export type TimedClaimCommand =
  | ({
      readonly type: 'TakeStretch';
      readonly until: Instant | null;
      readonly when: Moment;
    } & ClaimHolder)
  | { readonly type: 'ReleaseStretch'; readonly operation: CommandId; readonly when: Moment };

/** Somebody holds it for a part of the time that is asked for. */
export interface TimedClaimRefusal {
  readonly code: 'ClaimHeld';
  readonly holder: HeldStretch;
}

/** The stretches that are held, past and present, by the operations that took them. */
export interface TimedClaimState {
  readonly stretches: ReadonlyMap<CommandId, HeldStretch>;
}

type Decision = Either<TimedClaimRefusal, readonly ClaimEvent[]>;
const nothing: Decision = right([]);

/** A stretch of which everything from an instant on is given back; null where nothing is left of it. */
const shortened = (stretch: HeldStretch, at: Instant): HeldStretch | null => {
  if (at <= stretch.from) return null;
  return stretch.to !== null && stretch.to <= at ? stretch : { ...stretch, to: at };
};

const decide = (command: TimedClaimCommand, { stretches }: TimedClaimState): Decision => {
  const { operation, when } = command;
  const own = stretches.get(operation);
  if (command.type === 'ReleaseStretch') {
    if (!own || shortened(own, when.at) === own) return nothing;
    const { kind, owner, subject } = own;
    return right([fact(ClaimReleased, when, { kind, owner, operation, subject })]);
  }
  if (own) return nothing;
  const { kind, owner, subject, until } = command;
  const span = { from: when.at, to: until };
  const holder = [...stretches.values()].find((stretch) => overlaps(stretch, span));
  if (holder) return left({ code: 'ClaimHeld', holder });
  return right([fact(ClaimTaken, when, { kind, owner, operation, subject, until })]);
};

const evolve = ({ stretches }: TimedClaimState, event: ClaimEvent): TimedClaimState => {
  const { at } = event.when;
  const next = new Map(stretches);
  switch (event.type) {
    case 'ClaimTaken': {
      const { until = null, ...holder } = event.data;
      next.set(holder.operation, { ...holder, from: at, to: until });
      return { stretches: next };
    }
    case 'ClaimReleased': {
      const held = stretches.get(event.data.operation);
      const rest = held ? shortened(held, at) : null;
      next.delete(event.data.operation);
      return { stretches: rest ? next.set(rest.operation, rest) : next };
    }
    default:
      return unreachable(event);
  }
};

/**
 * Something that only one may have at a time, where the past counts as well: facts of an earlier time that
 * become known late must not give to two what only one had.
 */
export const timedClaimDecider: Decider<
  TimedClaimCommand,
  ClaimEvent,
  TimedClaimState,
  TimedClaimRefusal
> = {
  initial: { stretches: new Map() },
  decide,
  evolve,
};

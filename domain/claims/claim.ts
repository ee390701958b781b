import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { type Decider, unreachable } from '#domain/kernel/decider.ts';
import type { CommandId } from '#domain/kernel/ids.ts';
import type { Moment } from '#domain/kernel/instant.ts';
import { fact } from '#domain/kernel/registry.ts';
import type { StreamName } from '#domain/kernel/streams.ts';
import type { SubjectKey } from '#domain/kernel/subjects.ts';
import { type ClaimEvent, type ClaimKind, ClaimReleased, ClaimTaken } from './events.ts';

/** Who holds a claim: the stream it was taken for, and the command that took it. */
export interface ClaimHolder {
  readonly kind: ClaimKind;
  readonly owner: StreamName;
  readonly operation: CommandId;
  readonly subject: SubjectKey;
}

/**
 * What one may ask of a claim. `over` is the operation of a holder that was found to have ended or never
 * begun; the claim passes from it to the new holder in one append.
 */
export type ClaimCommand =
  | ({ type: 'TakeClaim'; over: CommandId | null; when: Moment } & ClaimHolder)
  | { type: 'ReleaseClaim'; operation: CommandId; when: Moment };

export type ClaimRefusal = { readonly code: 'ClaimHeld'; readonly holder: ClaimHolder };

export interface ClaimState {
  readonly holder: ClaimHolder | null;
}

type Decision = Either<ClaimRefusal, readonly ClaimEvent[]>;

const decide = (command: ClaimCommand, { holder }: ClaimState): Decision => {
  const { when } = command;
  if (command.type === 'ReleaseClaim') {
    if (holder === null || holder.operation !== command.operation) return right([]);
    return right([fact(ClaimReleased, when, holder)]);
  }
  const { kind, owner, operation, subject, over } = command;
  const taken = fact(ClaimTaken, when, { kind, owner, operation, subject });
  if (!holder) return right([taken]);
  if (holder.owner === owner && holder.operation === operation) return right([]);
  if (holder.operation !== over) return left({ code: 'ClaimHeld', holder });
  return right([fact(ClaimReleased, when, holder), taken]);
};

const evolve = (_: ClaimState, event: ClaimEvent): ClaimState => {
  switch (event.type) {
    case 'ClaimTaken':
      return { holder: event.data };
    case 'ClaimReleased':
      return { holder: null };
    default:
      return unreachable(event);
  }
};

/** Something that only one may have at a time, in a stream of its own. */
export const claimDecider: Decider<ClaimCommand, ClaimEvent, ClaimState, ClaimRefusal> = {
  initial: { holder: null },
  decide,
  evolve,
};

import { isLeft, left } from 'fp-ts/lib/Either.js';
import { runsOf } from '#commands/aggregate.ts';
import type { Outcome, Request } from '#commands/workspace.ts';
import { nextPeriod, type Period } from '#domain/finance/period.ts';
import type { ParkId, PartyId, RunId } from '#domain/kernel/ids.ts';
import type { RunKind } from '#domain/runs/events.ts';
import { postedRun } from '#domain/runs/runState.ts';
import { type OpenRunRefusal, postOpenRun, proposeOpenRun } from './openRun.ts';
import { type PayoutRunRefusal, postPayout, proposePayout } from './payoutRun.ts';
import type { RunParts } from './reckoner.ts';
import { onRun, slotOf } from './slot.ts';

/** Why a run does not go on. */
export type RunFailure =
  | PayoutRunRefusal
  | OpenRunRefusal
  | { readonly code: 'RunIrreversible'; readonly run: RunId };

/** Reckons a run, and proposes it to a second person. */
export const proposeRun =
  (parts: RunParts) =>
  async (
    request: Request,
    asked: {
      readonly kind: RunKind;
      readonly park: ParkId;
      readonly period: Period;
      readonly payee: PartyId | null;
    },
  ): Outcome<RunId, RunFailure> => {
    const { kind } = asked;
    return kind === 'payout'
      ? proposePayout(parts)(request, asked)
      : proposeOpenRun(parts)(request, { ...asked, kind });
  };

/** Posts an approved run; broken off, it goes on. */
export const postRun =
  (parts: RunParts) =>
  async (request: Request, run: RunId): Outcome<RunId, RunFailure> => {
    const { kind } = slotOf(run);
    return kind === 'payout'
      ? postPayout(parts)(request, run)
      : postOpenRun(parts)(request, run, kind);
  };

/** The runs that build on one: nobody takes it back from under them. */
const buildingOn = (run: RunId): readonly ReturnType<typeof slotOf>[] => {
  const slot = slotOf(run);
  const later = { ...slot, period: nextPeriod(slot.period) };
  switch (slot.kind) {
    case 'payout':
      return [later, { ...slot, kind: 'operator' }];
    case 'settlement':
    case 'revaluation':
      return [later];
    default:
      return [];
  }
};

/**
 * Takes a posted run back. One that another builds on must wait until that is taken back; a month that was
 * closed stays closed.
 */
export const reverseRun =
  ({ workspace }: RunParts) =>
  async (request: Request, run: RunId, reason: string): Outcome<RunId, RunFailure> => {
    const { origin } = request;
    if (slotOf(run).kind === 'closing') return left({ code: 'RunIrreversible', run });
    for (const slot of buildingOn(run)) {
      const other = await workspace.load(runsOf(origin.tenant, slot));
      if (isLeft(other)) return other;
      const posted = postedRun(other.right.state);
      if (posted) return left({ code: 'LaterRunPosted', run: posted.run });
    }
    const step = { type: 'ReverseRun', reason, user: origin.actor.id } as const;
    return onRun(workspace)(request, run, step);
  };

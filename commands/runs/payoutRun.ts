import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { HandleFailure } from '#commands/handle.ts';
import { deriveUuid } from '#commands/identity.ts';
import type { Outcome, OutsideScope, Request } from '#commands/workspace.ts';
import { monthDigits, type Period } from '#domain/finance/period.ts';
import { type ParkId, RunId } from '#domain/kernel/ids.ts';
import { PAYOUT_VERSION } from '#domain/runs/payout.ts';
import type { RunRefusal } from '#domain/runs/run.ts';
import { lineWriter } from './lineWriter.ts';
import { type PayoutParts, type PayoutRefusal, reckonPayout } from './reckonPayout.ts';
import { knownPark, onRun, runAsItIs, slotOf } from './slot.ts';

/** Why a payout does not go on. */
export type PayoutRunRefusal =
  | RunRefusal
  | PayoutRefusal
  | { readonly code: 'ParkUnknown'; readonly park: ParkId };

type Failure = PayoutRunRefusal | HandleFailure | OutsideScope;

const nothingMore = async (): Promise<Either<never, null>> => right(null);

/** Reckons the payout of a closed month of a park, and proposes it to a second person. */
export const proposePayout =
  (parts: PayoutParts) =>
  async (
    request: Request,
    { park, period }: { readonly park: ParkId; readonly period: Period },
  ): Outcome<RunId, PayoutRunRefusal> => {
    const { origin } = request;
    const known = await knownPark(parts.workspace)(request, park);
    if (isLeft(known)) return known;
    const of = { park, period, currency: known.right.currency };
    const reckoned = await reckonPayout(parts)(origin.tenant, of, nothingMore);
    if (isLeft(reckoned)) return reckoned;
    const { totals, inputs } = reckoned.right;
    const local = deriveUuid('run', origin.command);
    const run = RunId.parse(`payout-${park}-${monthDigits(period)}~${local}`);
    return onRun(parts.workspace)(request, run, {
      type: 'ProposeRun',
      ...{ version: PAYOUT_VERSION, inputs, totals, user: origin.actor.id },
    });
  };

/**
 * Posts an approved payout: reckons it again, and only if it rests on what was approved writes its lines
 * down, and then that they hold. Broken off anywhere, it goes on where it stopped.
 */
export const postPayout =
  (parts: PayoutParts) =>
  async (request: Request, run: RunId): Outcome<RunId, PayoutRunRefusal> => {
    const { origin } = request;
    const { workspace } = parts;
    const { park, period } = slotOf(run);
    const found = await runAsItIs(workspace)(origin.tenant, run);
    if (isLeft(found)) return found;
    const known = await knownPark(workspace)(request, park);
    if (isLeft(known)) return left({ code: 'RunUnknown', run });
    const { phase, inputs } = found.right;
    if (phase !== 'approved' && phase !== 'posted') {
      return left({ code: 'RunPhaseConflict', run, phase });
    }
    const of = { park, period, currency: known.right.currency };
    const again = await reckonPayout(parts)(origin.tenant, of, nothingMore);
    if (isLeft(again)) return again;
    if (again.right.inputs !== inputs) return left({ code: 'RunInputsChanged', run });
    const writer = lineWriter(parts, request, run);
    const written: Either<Failure, unknown> = await reckonPayout(parts)<Failure>(
      origin.tenant,
      of,
      ({ payout }) => writer.add(payout),
    );
    if (isLeft(written)) return written;
    const root = await writer.end();
    if (isLeft(root)) return root;
    return onRun(workspace)(request, run, { type: 'PostRun', inputs, root: root.right });
  };

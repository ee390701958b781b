import { createHash } from 'node:crypto';
import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { digestOf } from '#commands/digest.ts';
import type { ClosingRefusal } from '#commands/finance/closePeriod.ts';
import type { HandleFailure } from '#commands/handle.ts';
import { deriveUuid } from '#commands/identity.ts';
import type { Unavailable } from '#commands/ports.ts';
import { followUp, type Outcome, type OutsideScope, type Request } from '#commands/workspace.ts';
import { monthDigits, type Period } from '#domain/finance/period.ts';
import { Digest, type ParkId, type PartyId, RunId, type Tenant } from '#domain/kernel/ids.ts';
import { inGroups } from '#domain/kernel/inGroups.ts';
import { OPEN_LINES_PER_EVENT_MAX, type OpenTotals } from '#domain/runs/events.ts';
import { amountOfLine, type OpenLine } from '#domain/runs/lines/openLine.ts';
import type { RunRefusal } from '#domain/runs/run.ts';
import { payeeOf } from '#domain/runs/runState.ts';
import { closeAgreed, closingReckoner } from './closingRun.ts';
import { depreciationReckoner } from './depreciationRun.ts';
import { merkleRoot } from './merkleRoot.ts';
import { operatorReckoner } from './operatorRun.ts';
import type {
  BeforePosting,
  OpenKind,
  OpenRunOf,
  Reckoner,
  ReckonRefusal,
  RunParts,
} from './reckoner.ts';
import { revaluationReckoner } from './revaluationRun.ts';
import { settlementReckoner } from './settlementRun.ts';
import { knownPark, lookingOf, onRun, runAsItIs, slotOf } from './slot.ts';

/** Why a run of open lines does not go on. */
export type OpenRunRefusal =
  | RunRefusal
  | ReckonRefusal
  | ClosingRefusal
  | { readonly code: 'ParkUnknown'; readonly park: ParkId };

type Failure = OpenRunRefusal | HandleFailure | OutsideScope;

/** How runs of every kind are reckoned. */
const reckoners: Readonly<Record<OpenKind, (parts: RunParts) => Reckoner>> = {
  settlement: settlementReckoner,
  operator: operatorReckoner,
  closing: closingReckoner,
  depreciation: depreciationReckoner,
  revaluation: revaluationReckoner,
};

const beforePosting: Readonly<
  Partial<Record<OpenKind, (parts: RunParts) => BeforePosting<ClosingRefusal | HandleFailure>>>
> = { closing: closeAgreed };

/**
 * A run of open lines that was reckoned: `inputs` is the digest of its lines, which name what they rest on.
 */
export interface ReckonedRun {
  readonly lines: readonly OpenLine[];
  readonly inputs: Digest;
  readonly totals: OpenTotals;
}

/** Reckons a run of a kind over a month of a park. */
export const reckonOpenRun =
  (parts: RunParts) =>
  async (
    tenant: Tenant,
    kind: OpenKind,
    of: OpenRunOf,
  ): Promise<Either<ReckonRefusal | Unavailable, ReckonedRun>> => {
    const { version, reckon } = reckoners[kind](parts);
    const { park, period, currency, payee } = of;
    const reckoned = await reckon(tenant, of);
    if (isLeft(reckoned)) return reckoned;
    const lines = reckoned.right;
    const hash = createHash('sha256').update(`${kind} ${version} ${park} ${period}\n`);
    for (const line of lines) hash.update(`${digestOf(line)}\n`);
    const amount = lines.reduce((sum, line) => sum + amountOfLine(line), 0n).toString();
    const totals = { lines: lines.length, currency, amount, payee };
    return right({ lines, inputs: Digest.parse(hash.digest('hex')), totals });
  };

/** Reckons a run of a kind over a month of a park, and proposes it to a second person. */
export const proposeOpenRun =
  (parts: RunParts) =>
  async (
    request: Request,
    {
      kind,
      park,
      period,
      payee,
    }: {
      readonly kind: OpenKind;
      readonly park: ParkId;
      readonly period: Period;
      readonly payee: PartyId | null;
    },
  ): Outcome<RunId, OpenRunRefusal> => {
    const { origin } = request;
    const known = await knownPark(parts.workspace)(lookingOf(request), park);
    if (isLeft(known)) return known;
    const local = deriveUuid('run', origin.command);
    const run = RunId.parse(`${kind}-${park}-${monthDigits(period)}~${local}`);
    // The same command again is answered as then, whatever has come since that would refuse it now.
    const before = await runAsItIs(parts.workspace)(origin.tenant, run);
    if (!isLeft(before)) {
      const { version, inputs, totals, proposedBy: user } = before.right;
      const said = { type: 'ProposeRun', version, inputs, totals, user } as const;
      return onRun(parts.workspace)(request, run, said);
    }
    const of = { ...known.right, period, payee };
    const reckoned = await reckonOpenRun(parts)(origin.tenant, kind, of);
    if (isLeft(reckoned)) return reckoned;
    const { inputs, totals } = reckoned.right;
    const { version } = reckoners[kind](parts);
    return onRun(parts.workspace)(request, run, {
      ...{ type: 'ProposeRun', version, inputs, totals, user: origin.actor.id },
    });
  };

/** Writes the lines down, some at a time, each group a command that is the same when it comes again. */
const writeLines = async (
  { workspace }: RunParts,
  request: Request,
  run: RunId,
  lines: readonly OpenLine[],
): Promise<Either<Failure, null>> => {
  let from = 0;
  for (const group of inGroups(lines, OPEN_LINES_PER_EVENT_MAX)) {
    const origin = followUp(request.origin, 'lines', run, String(from));
    const step = { type: 'ReckonLines', from, lines: group } as const;
    const written = await onRun(workspace)({ ...request, origin }, run, step);
    if (isLeft(written)) return written;
    from += group.length;
  }
  return right(null);
};

/**
 * Posts an approved run: reckons it again, and only if it comes to what was approved writes its lines down,
 * does what its kind asks for, and says that they hold. Broken off anywhere, it goes on where it stopped.
 */
export const postOpenRun =
  (parts: RunParts) =>
  async (request: Request, run: RunId, kind: OpenKind): Outcome<RunId, OpenRunRefusal> => {
    const { workspace } = parts;
    const { tenant } = request.origin;
    const { park, period } = slotOf(run);
    const found = await runAsItIs(workspace)(tenant, run);
    if (isLeft(found)) return found;
    const known = await knownPark(workspace)(lookingOf(request), park);
    if (isLeft(known)) return left({ code: 'RunUnknown', run });
    const { phase, inputs, root: before } = found.right;
    if (phase === 'posted' && before !== null) {
      return onRun(workspace)(request, run, { type: 'PostRun', inputs, root: before });
    }
    if (phase !== 'approved') return left({ code: 'RunPhaseConflict', run, phase });
    const of = { ...known.right, period, payee: payeeOf(found.right) };
    const again = await reckonOpenRun(parts)(tenant, kind, of);
    if (isLeft(again)) return again;
    if (again.right.inputs !== inputs) return left({ code: 'RunInputsChanged', run });
    const { lines } = again.right;
    const written = await writeLines(parts, request, run, lines);
    if (isLeft(written)) return written;
    const ready = await beforePosting[kind]?.(parts)(request, of, lines);
    if (ready && isLeft(ready)) return ready;
    const root = merkleRoot(lines.map(digestOf));
    const posted = { type: 'PostRun', inputs, root } as const;
    return onRun(workspace)(request, run, posted);
  };

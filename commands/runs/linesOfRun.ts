import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { HandleFailure } from '#commands/handle.ts';
import type { Unavailable } from '#commands/ports.ts';
import type { RunId, Tenant } from '#domain/kernel/ids.ts';
import type { AssetLine } from '#domain/runs/events.ts';
import type { OpenLine } from '#domain/runs/lines/openLine.ts';
import { isWhole, payeeOf, type Run } from '#domain/runs/runState.ts';
import { type OpenRunRefusal, reckonOpenRun } from './openRun.ts';
import { assetLinesOf } from './operatorRun.ts';
import type { OpenRunOf, RunParts } from './reckoner.ts';
import { type PayoutRefusal, reckonPayout } from './reckonPayout.ts';
import { knownPark, type Looking, runAsItIs, slotOf } from './slot.ts';

/** A line that hides nothing: of a payout those of its assets, of other runs all. */
export type ShownLine = AssetLine | OpenLine;

/**
 * Some lines of a run, from a place on. `preview`: they were reckoned just now, for the run has not written
 * its own down; `next` is where to go on, null at the end.
 */
export interface ShownLines {
  readonly preview: boolean;
  readonly lines: readonly ShownLine[];
  readonly next: number | null;
}

interface Window {
  readonly from: number;
  readonly limit: number;
}

type Refusal = OpenRunRefusal | PayoutRefusal;

const cut = (lines: readonly ShownLine[], { from, limit }: Window): Omit<ShownLines, 'preview'> => {
  const end = from + limit;
  return { lines: lines.slice(from, end), next: end < lines.length ? end : null };
};

/** Reckons as many assets of a payout as are to be shown, and one more, which says that there are more. */
const payoutLines = async (
  parts: RunParts,
  tenant: Tenant,
  of: OpenRunOf,
  { from, limit }: Window,
): Promise<Either<Refusal | Unavailable, readonly AssetLine[]>> => {
  const lines: AssetLine[] = [];
  const reckoned = await reckonPayout(parts)(tenant, of, async ({ payout }) => {
    lines.push(payout.line);
    return lines.length > from + limit ? left({ code: 'Enough' } as const) : right(null);
  });
  if (!isLeft(reckoned)) return right(lines);
  const { left: why } = reckoned;
  return why.code === 'Enough' ? right(lines) : left(why);
};

/** The lines of a run that is not written down, as they come out by now. */
const reckonedNow = async (
  parts: RunParts,
  looking: Looking,
  run: Run,
  window: Window,
): Promise<Either<Refusal | HandleFailure, readonly ShownLine[]>> => {
  const { kind, park, period } = slotOf(run.run);
  const known = await knownPark(parts.workspace)(looking, park);
  if (isLeft(known)) return known;
  const of = { ...known.right, period, payee: payeeOf(run) };
  if (kind === 'payout') return payoutLines(parts, looking.tenant, of, window);
  const reckoned = await reckonOpenRun(parts)(looking.tenant, kind, of);
  return isLeft(reckoned) ? reckoned : right(reckoned.right.lines);
};

/**
 * The lines of a run that anybody in its park may see: as they were written down, or, before that, as they
 * would be, so that whoever approves sees what it is. A run that was dropped shows none.
 */
export const linesOfRun =
  (parts: RunParts) =>
  async (
    looking: Looking,
    id: RunId,
    window: Window,
  ): Promise<Either<Refusal | HandleFailure, ShownLines>> => {
    const { tenant } = looking;
    if (!looking.mayActIn(slotOf(id).park)) return left({ code: 'RunUnknown', run: id });
    const found = await runAsItIs(parts.workspace)(tenant, id);
    if (isLeft(found)) return found;
    const run = found.right;
    if (run.phase === 'withdrawn') return right({ preview: false, lines: [], next: null });
    if (!isWhole(run)) {
      const now = await reckonedNow(parts, looking, run, window);
      return isLeft(now) ? now : right({ preview: true, ...cut(now.right, window) });
    }
    if (run.kind !== 'payout') return right({ preview: false, ...cut(run.lines, window) });
    const assets = await assetLinesOf(parts.workspace)(tenant, id);
    return isLeft(assets) ? assets : right({ preview: false, ...cut(assets.right, window) });
  };

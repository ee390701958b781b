import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import { digestOf } from '#commands/digest.ts';
import type { HandleFailure } from '#commands/handle.ts';
import { deriveUuid, eventIdOf } from '#commands/identity.ts';
import type { OutsideScope, Request } from '#commands/workspace.ts';
import { CommandId, type Digest, type RunId, type VehicleId } from '#domain/kernel/ids.ts';
import { inGroups } from '#domain/kernel/inGroups.ts';
import { type AssetLine, LINES_PER_EVENT_MAX, type SealedPart } from '#domain/runs/events.ts';
import type { AssetPayout } from '#domain/runs/payout.ts';
import type { RunRefusal, SealedChunk } from '#domain/runs/run.ts';
import { merkleRoot } from './merkleRoot.ts';
import type { PayoutParts } from './reckonPayout.ts';
import { onRun } from './slot.ts';

/** About 800 bytes a line, of an event's 48 KiB. */
const ASSETS_PER_EVENT = 30;
/** So many events of holders' lines are appended at once. */
const CHUNKS_AT_ONCE = 20;
const HOLDERS_AT_ONCE = CHUNKS_AT_ONCE * LINES_PER_EVENT_MAX;

/** What a holder gets, as it is sealed: `amount` in minor units of the run's currency. */
interface HolderLine {
  readonly vehicle: VehicleId;
  readonly entry: {
    readonly holding: string;
    readonly share_days: string;
    readonly amount: string;
  };
}

type Failure = RunRefusal | HandleFailure | OutsideScope;

/** How many of some lines are of which asset, in their order. */
const partsOf = (lines: readonly HolderLine[]): readonly SealedPart[] => {
  const parts: SealedPart[] = [];
  for (const { vehicle } of lines) {
    const last = parts.at(-1);
    if (last?.vehicle === vehicle) parts[parts.length - 1] = { vehicle, count: last.count + 1 };
    else parts.push({ vehicle, count: 1 });
  }
  return parts;
};

/**
 * Writes the lines of a run down, those of assets and those of their holders, each in its order and some at
 * a time. Every group is a command of its own, the same when it comes again, so that a run that was broken
 * off is written to its end. `end` answers the root over all lines.
 */
export const lineWriter = (
  { workspace, openings }: Pick<PayoutParts, 'workspace' | 'openings'>,
  request: Request,
  run: RunId,
) => {
  const { tenant } = request.origin;
  const assetDigests: Digest[] = [];
  const holderDigests: Digest[] = [];
  let assets: AssetLine[] = [];
  let holders: HolderLine[] = [];

  // By the run alone, so that whoever goes on after a crash seals the same entries under the same events.
  const requestFor = (what: string, from: number): Request => ({
    ...request,
    origin: {
      ...request.origin,
      command: CommandId.parse(deriveUuid('run-lines', run, what, String(from))),
      content: digestOf({ run, what, from }),
    },
  });
  const writeAssets = async (): Promise<Either<Failure, unknown>> => {
    if (assets.length === 0) return right(null);
    const from = assetDigests.length;
    const lines = assets;
    assetDigests.push(...lines.map(digestOf));
    assets = [];
    return onRun(workspace)(requestFor('assets', from), run, { type: 'ReckonAssets', from, lines });
  };
  const writeHolders = async (): Promise<Either<Failure, unknown>> => {
    if (holders.length === 0) return right(null);
    const from = holderDigests.length;
    const asked = requestFor('holders', from);
    const groups = inGroups(holders, LINES_PER_EVENT_MAX);
    const entries = groups.flatMap((lines, index) =>
      lines.map(({ entry }) => ({ event: eventIdOf(asked.origin.command, index), entry })),
    );
    const kept = await openings.keep(tenant, entries)();
    if (isLeft(kept)) return kept;
    const sealed = inGroups(kept.right, LINES_PER_EVENT_MAX);
    const chunks = groups.map(
      (lines, index): SealedChunk => ({ parts: partsOf(lines), sealed: sealed[index] ?? [] }),
    );
    holderDigests.push(...kept.right);
    holders = [];
    return onRun(workspace)(asked, run, { type: 'SealLines', from, chunks });
  };
  return {
    add: async ({ line, holders: getting }: AssetPayout): Promise<Either<Failure, unknown>> => {
      assets.push(line);
      holders.push(
        ...getting.map(({ holding, shareDays, amount }) => ({
          vehicle: line.vehicle,
          entry: { holding, share_days: shareDays.toString(), amount: amount.toString() },
        })),
      );
      if (assets.length >= ASSETS_PER_EVENT) {
        const written = await writeAssets();
        if (isLeft(written)) return written;
      }
      while (holders.length >= HOLDERS_AT_ONCE) {
        const later = holders.slice(HOLDERS_AT_ONCE);
        holders = holders.slice(0, HOLDERS_AT_ONCE);
        const written = await writeHolders();
        if (isLeft(written)) return written;
        holders = later;
      }
      return right(null);
    },
    end: async (): Promise<Either<Failure, Digest>> => {
      for (const write of [writeAssets, writeHolders]) {
        const written = await write();
        if (isLeft(written)) return written;
      }
      return right(merkleRoot([...assetDigests, ...holderDigests]));
    },
  };
};

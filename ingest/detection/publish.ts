import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { vehicleOf } from '#commands/aggregate.ts';
import type { Unavailable } from '#commands/ports.ts';
import type { Workspace } from '#commands/workspace.ts';
import type { Digest } from '#domain/kernel/ids.ts';
import { covers, type Instant } from '#domain/kernel/instant.ts';
import type { Vehicle } from '#domain/registry/vehicleState.ts';
import { type Conclusion, contentOf } from '#ingest/detectors/conclusion.ts';
import { instantAt } from '#ingest/microInstant.ts';
import type { TelemetryRow } from '#ingest/telemetryRow.ts';
import { EVIDENCE_ROWS_MAX, evidenceClip, evidenceStretches } from './evidence.ts';
import type { Publication, Unpublished, Watches } from './ports.ts';
import { tellLedger } from './tellLedger.ts';
import { fenceRuleAt } from './vehicleTimeline.ts';

/** Codes that say "not now": the store is away, or another conclusion stands in the way and may yet move. */
const PASSING = new Set(['Unavailable', 'Unknown', 'TooManyConflicts', 'TripOverlaps']);
const RETRY_US = 5_000_000;
const RETRY_MAX_US = 3_600_000_000;
/** What overlaps after so many tries, a day and a half, overlaps for good. */
const ATTEMPTS_MAX = 40;

interface Deps {
  readonly watches: Watches;
  readonly workspace: Workspace;
  readonly now_us: () => number;
}

/** Kinds that are told while they go on; of the others only what is over. */
const TOLD_OPEN: ReadonlySet<Conclusion['kind']> = new Set([
  'unrented_movement',
  'geofence',
  'fault',
  'offline',
]);

/** Kinds that are about the device, not about how the vehicle moves. */
const OF_DEVICE: ReadonlySet<Conclusion['kind']> = new Set(['fault', 'offline']);

/** Which of the devices in a vehicle speaks for how it moves: the one that is in it for longest. */
const speakerAt = ({ fittings }: Vehicle, at: Instant): string | null => {
  const there = [...fittings.values()].filter((each) => !each.voided && covers(each, at));
  const [first] = there.toSorted((one, other) =>
    one.from === other.from ? (one.ident < other.ident ? -1 : 1) : one.from < other.from ? -1 : 1,
  );
  return first?.ident ?? null;
};

/** Why the ledger is not told at all; null where it is. */
const keptBack = (asked: Unpublished, vehicle: Vehicle | null): string | null => {
  const { conclusion, withdrawn, published, key } = asked;
  const { kind, to_us, from_us } = conclusion;
  if (withdrawn) return published ? null : 'withdrawn';
  if (to_us === null && !TOLD_OPEN.has(kind)) return 'goes_on';
  if (!vehicle) return 'VehicleUnknown';
  const speaker = speakerAt(vehicle, instantAt(from_us));
  return published || OF_DEVICE.has(kind) || speaker === key.ident ? null : 'another_device_speaks';
};

/** Keeps the readings that a conclusion rests on; answers their digest. */
const keepEvidence = async (
  { watches, now_us }: Deps,
  { key, conclusion }: Unpublished,
): Promise<Either<Unavailable, Digest>> => {
  const rows: TelemetryRow[] = [];
  for (const stretch of evidenceStretches(conclusion)) {
    const limit = EVIDENCE_ROWS_MAX;
    const found = await watches.rowsBetween(key, { ...stretch, limit })();
    if (isLeft(found)) return found;
    rows.push(...found.right);
  }
  const clip = evidenceClip(key, rows, now_us());
  const kept = await watches.keepClip(clip)();
  return isLeft(kept) ? kept : right(clip.digest);
};

/** Whether it is about a stay in a fence that the vehicle was forbidden to enter when the stay began. */
const isForbidden = async (
  { workspace }: Deps,
  { key, conclusion, published }: Unpublished,
  vehicle: Vehicle | null,
): Promise<Either<Unavailable, boolean>> => {
  if (conclusion.kind !== 'geofence' || vehicle === null) return right(false);
  const at = instantAt((published ?? conclusion).from_us);
  const rule = await fenceRuleAt(workspace)(key.tenant, vehicle, { fence: conclusion.fence, at });
  return isLeft(rule) ? rule : right(rule.right === 'forbidden');
};

const publicationOf =
  (deps: Deps) =>
  async (asked: Unpublished): Promise<Either<Unavailable, Publication>> => {
    const { workspace, now_us } = deps;
    const { key, conclusion, withdrawn, published, attempts } = asked;
    const loaded = await workspace.load(vehicleOf(key.tenant, key.vehicle));
    if (isLeft(loaded)) return loaded;
    const { vehicle } = loaded.right.state;
    const code = keptBack(asked, vehicle);
    if (code !== null) return right({ outcome: 'kept_back', code });
    const isKnown = published !== null && contentOf(published) === contentOf(conclusion);
    if (isKnown && !withdrawn) return right({ outcome: 'told' });
    const evidence = withdrawn ? right(null) : await keepEvidence(deps, asked);
    if (isLeft(evidence)) return evidence;
    const forbidden = await isForbidden(deps, asked, vehicle);
    if (isLeft(forbidden)) return forbidden;
    const told = await tellLedger(workspace)({
      asked,
      evidence: evidence.right,
      forbidden: forbidden.right,
    });
    if (!isLeft(told)) return right({ outcome: 'told' });
    if (told.left.code === 'Unavailable') return left({ code: 'Unavailable', detail: 'ledger' });
    if (!PASSING.has(told.left.code) || attempts >= ATTEMPTS_MAX) {
      return right({ outcome: 'kept_back', code: told.left.code });
    }
    const wait_us = Math.min(RETRY_MAX_US, RETRY_US * 2 ** Math.min(attempts, 20));
    return right({ outcome: 'refused', code: told.left.code, retry_us: now_us() + wait_us });
  };

/** What became of one conclusion, to be counted and logged. */
export interface Published {
  readonly asked: Unpublished;
  readonly publication: Publication;
}

/**
 * Tells the ledger of a conclusion, once: told again after a crash it is the same command. Left only where a
 * store is away; whatever else stands in the way is kept with the conclusion.
 */
export const publish =
  (deps: Deps) =>
  async (asked: Unpublished): Promise<Either<Unavailable, Published>> => {
    const publication = await publicationOf(deps)(asked);
    if (isLeft(publication)) return publication;
    const kept = await deps.watches.published(asked, publication.right)();
    return isLeft(kept) ? kept : right({ asked, publication: publication.right });
  };

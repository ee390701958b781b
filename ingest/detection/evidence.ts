import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { canonicalJson } from '#domain/kernel/canonical.ts';
import { Digest } from '#domain/kernel/ids.ts';
import type { Conclusion } from '#ingest/detectors/conclusion.ts';
import type { TelemetryRow } from '#ingest/telemetryRow.ts';
import type { EvidenceClip } from './ports.ts';
import type { WatchKey } from './watch.ts';

const US_PER_S = 1_000_000;
/** What came just before and after belongs to the picture. */
const MARGIN_US = 30 * US_PER_S;
/** So many rows a stretch of a clip holds at most: fourteen hours of one a second. */
export const EVIDENCE_ROWS_MAX = 50_000;
/** Seven years, with two leap days. Source: issue 4. */
const KEPT_US = (7 * 365 + 2) * 86_400 * US_PER_S;

/** Kinds that rest on every reading from their beginning to their end; the others on those at either end. */
const WHOLE: ReadonlySet<Conclusion['kind']> = new Set([
  'trip',
  'speeding',
  'harsh_driving',
  'unrented_movement',
]);

interface Stretch {
  readonly from_us: number;
  readonly to_us: number;
}

const around = (time_us: number): Stretch => ({
  from_us: time_us - MARGIN_US,
  to_us: time_us + MARGIN_US,
});

/** The stretches of device time, both ends in them, whose readings a conclusion rests on. */
export const evidenceStretches = ({ kind, from_us, to_us }: Conclusion): readonly Stretch[] => {
  if (to_us === null) return [around(from_us)];
  const isShort = to_us - from_us <= 2 * MARGIN_US;
  if (WHOLE.has(kind) || isShort) {
    return [{ from_us: from_us - MARGIN_US, to_us: to_us + MARGIN_US }];
  }
  return [around(from_us), around(to_us)];
};

/**
 * The clip of some rows: a line that says what it is, then a line a row, oldest first, all in canonical JSON,
 * packed by gzip. The digest is the SHA-256 of the lines before packing.
 */
export const evidenceClip = (
  { tenant, vehicle, ident }: WatchKey,
  rows: readonly TelemetryRow[],
  now_us: number,
): EvidenceClip => {
  const lines = [
    canonicalJson({ evidence: 1, vehicle, ident, rows: rows.length }),
    ...rows.map(({ tenant: _, vehicle: __, fingerprint, ...row }) =>
      canonicalJson({ ...row, fingerprint: String(fingerprint) }),
    ),
  ];
  const text = `${lines.join('\n')}\n`;
  const digest = Digest.parse(createHash('sha256').update(text).digest('hex'));
  return { tenant, vehicle, digest, bytes: gzipSync(text), kept_until_us: now_us + KEPT_US };
};

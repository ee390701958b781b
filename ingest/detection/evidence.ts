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
/** Of what rests on more rows, like a trip of many hours, a clip has every second, third or so of them. */
const CLIP_ROWS_MAX = 20_000;
/** So many rows are looked through for a clip: five days of one a second. */
export const EVIDENCE_ROWS_MAX = 432_000;
/** Seven years, with two leap days. Source: issue 4. */
const KEPT_US = (7 * 365 + 2) * 86_400 * US_PER_S;

/** From when to when a conclusion's evidence reaches; one that goes on: as far as is known by now. */
export const evidenceStretch = ({ from_us, to_us }: Conclusion, known_to_us: number) => ({
  from_us: from_us - MARGIN_US,
  to_us: (to_us ?? Math.max(from_us, known_to_us)) + MARGIN_US,
});

/**
 * The clip of some rows: a line that says what it is, then a line a row, oldest first, all in canonical JSON,
 * packed by gzip. The digest is the SHA-256 of the lines before packing.
 */
export const evidenceClip = (
  { tenant, vehicle, ident }: WatchKey,
  rows: readonly TelemetryRow[],
  now_us: number,
): EvidenceClip => {
  const every = Math.max(1, Math.ceil(rows.length / CLIP_ROWS_MAX));
  const kept = rows.filter((_, index) => index % every === 0);
  const head = { evidence: 1, vehicle, ident, rows: rows.length, every };
  const lines = [
    canonicalJson(head),
    ...kept.map(({ tenant: _, vehicle: __, fingerprint, ...row }) =>
      canonicalJson({ ...row, fingerprint: String(fingerprint) }),
    ),
  ];
  const text = `${lines.join('\n')}\n`;
  const digest = Digest.parse(createHash('sha256').update(text).digest('hex'));
  return { tenant, vehicle, digest, bytes: gzipSync(text), kept_until_us: now_us + KEPT_US };
};

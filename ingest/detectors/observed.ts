import type { Reading } from '#ingest/formats/reading.ts';
import type { RowFlag } from '#ingest/telemetryRow.ts';

/** A reading as detectors see it: with what was remarked about it, by its format or by judging. */
export type Observed = Omit<Reading, 'flags'> & { readonly flags: readonly RowFlag[] };

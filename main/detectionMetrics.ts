import type { Logger } from 'pino';
import { Counter, type Registry } from 'prom-client';
import type { Looked } from '#ingest/detection/lookAtWatch.ts';
import type { Published } from '#ingest/detection/publish.ts';

/** What detection tells of itself, for Prometheus and, where the ledger would not have it, for the log. */
export const detectionMetrics = (registry: Registry, logger: Logger) => {
  const registers = [registry];
  const rows = new Counter({
    name: 'detection_rows_total',
    help: 'Rows of telemetry that detectors have settled',
    registers,
  });
  const conclusions = new Counter({
    name: 'detection_conclusions_total',
    help: 'Conclusions by kind, and by what became of telling the ledger',
    labelNames: ['kind', 'outcome'],
    registers,
  });
  return {
    looked: (looked: Looked): void => rows.inc(looked.rows),
    published: ({ asked, publication }: Published): void => {
      const { kind } = asked.conclusion;
      const { outcome } = publication;
      conclusions.inc({ kind, outcome });
      if (outcome === 'refused') logger.warn({ kind, code: publication.code }, 'conclusion');
    },
  };
};

import { left } from 'fp-ts/lib/Either.js';
import type { KeptTelemetry } from '#api/ports.ts';

const away = left({ code: 'Unavailable', detail: 'test' } as const);
const asked = () => async () => away;

/** Telemetry whose store is away, for tests that need none, and for those of what is said then. */
export const telemetryAway: KeptTelemetry = {
  store: { rows: asked, lastRows: asked, rollups: asked, now: asked, changedNow: asked },
  live: { join: async () => away },
  quarantine: { list: asked, inspect: asked, use: () => asked(), release: asked },
  evidence: { clip: asked },
  replayEntry: async () => away,
  replayAll: async () => away,
};

import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { isLeft } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { callerOf } from '#api/caller.ts';
import type { KeptTelemetry } from '#api/ports.ts';
import { problems, refuse } from '#api/problem.ts';
import { inPark, NoQuery, viewOf } from '#api/reading.ts';
import { type Looking, recordLooking } from '#api/recordLooking.ts';
import type { App } from '#api/zod.ts';
import { Digest } from '#domain/kernel/ids.ts';
import { vehicles } from '#projections/vehicles.ts';
import type { Parts } from './parts.ts';

const unpacked = promisify(gunzip);
/** More than the readings of a clip come to: a hundred thousand of a kilobyte. */
const CLIP_MAX_BYTES = 100 * 1024 * 1024;
const MEDIA_TYPE = 'application/x-ndjson';

const Lines = z.string().meta({
  description: 'A line that says what it is, then one for each reading, all in canonical JSON.',
});

/**
 * GET /telemetry/evidence/:digest: the readings that a trip, violation or condition rests on, as its event
 * names them. The SHA-256 of what is answered is the digest.
 */
export const evidenceRoutes = (
  app: App,
  {
    readings,
    kept,
    ...looking
  }: Pick<Parts, 'readings'> & { readonly kept: Pick<KeptTelemetry, 'evidence'> } & Looking,
): void => {
  const view = viewOf(readings, vehicles, inPark);
  const record = recordLooking(looking);
  app.get(
    '/telemetry/evidence/:digest',
    {
      config: { reads: [vehicles.name] },
      schema: {
        tags: ['telemetry'],
        summary: 'The readings that a conclusion rests on',
        params: z.strictObject({ digest: Digest }),
        querystring: NoQuery,
        response: {
          200: { description: 'The clip.', content: { [MEDIA_TYPE]: { schema: Lines } } },
          default: problems,
        },
      },
    },
    async (request, reply) => {
      const { digest } = request.params;
      const found = await kept.evidence.clip({ tenant: callerOf(request).tenant, digest })();
      if (isLeft(found)) return refuse(reply, found.left);
      const clip = found.right;
      if (!clip || !(await view.row(request, clip.vehicle))) {
        return refuse(reply, { code: 'EvidenceUnknown' });
      }
      const recorded = await record(request, clip.vehicle);
      if (isLeft(recorded)) return refuse(reply, recorded.left);
      const text = await unpacked(clip.bytes, { maxOutputLength: CLIP_MAX_BYTES });
      return reply.header('cache-control', 'no-store').type(MEDIA_TYPE).send(String(text));
    },
  );
};

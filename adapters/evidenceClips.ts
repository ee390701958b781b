import { isLeft, right } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { VehicleId } from '#domain/kernel/ids.ts';
import type { Watches } from '#ingest/detection/ports.ts';
import type { DetectionAsker } from './detectionAsker.ts';

const ClipRow = z.object({
  vehicle: VehicleId,
  bytes: z.base64().transform((text) => Buffer.from(text, 'base64')),
});

/** The readings that conclusions rest on, kept for long. */
export const evidenceClips = ({
  doing,
  find,
}: DetectionAsker): Pick<Watches, 'keepClip' | 'clip'> => ({
  keepClip:
    ({ tenant, vehicle, digest, bytes, kept_until_us }) =>
    () =>
      doing(async (sql) => {
        await sql`
          insert into evidence_clips (tenant, digest, vehicle, kept_until, bytes)
          values (${tenant}, ${digest}, ${vehicle}, us_time(${kept_until_us}),
                  decode(${bytes.toString('base64')}, 'base64'))
          on conflict (tenant, digest) do update
            set kept_until = greatest(evidence_clips.kept_until, excluded.kept_until)`;
        return null;
      }),
  clip:
    ({ tenant, digest }) =>
    async () => {
      const found = await find(
        ClipRow,
        (sql) => sql`
          select vehicle, translate(encode(bytes, 'base64'), E'\n', '') as bytes from evidence_clips
           where tenant = ${tenant} and digest = ${digest}`,
      );
      return isLeft(found) ? found : right(found.right[0] ?? null);
    },
});

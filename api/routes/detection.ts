import { isLeft } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { lookerOf } from '#api/caller.ts';
import { asked } from '#api/command.ts';
import { answer, command } from '#api/commandRoute.ts';
import { OccurredAt } from '#api/fields.ts';
import { problems, refuse } from '#api/problem.ts';
import { NoQuery } from '#api/reading.ts';
import type { App } from '#api/zod.ts';
import { configureDetection, detectionIn } from '#commands/detection.ts';
import type { FenceShapes } from '#commands/ports.ts';
import type { Workspace } from '#commands/workspace.ts';
import { ParkId } from '#domain/kernel/ids.ts';
import { Instant } from '#domain/kernel/instant.ts';
import {
  DetectionSettings,
  defaultSettings,
  detectionAt,
  FENCES_MAX,
  FenceRule,
  WatchedFences,
} from '#domain/parks/detection.ts';
import { Fence } from '#domain/parks/fence.ts';

const SEQUENCE_MAX = 100;

const tag = 'parks';
const params = z.strictObject({ park_id: ParkId });
const Body = z.strictObject({
  settings: DetectionSettings.prefault({}),
  fences: z
    .array(z.strictObject({ fence: Fence, rule: FenceRule }))
    .max(FENCES_MAX)
    .refine((all) => new Set(all.map(({ fence }) => fence.fence)).size === all.length)
    .default([]),
  occurred_at: OccurredAt,
});
const Reply = z
  .strictObject({
    from: Instant.nullable().meta({ description: 'Since when; null: nothing was ever said.' }),
    settings: DetectionSettings,
    fences: z.array(z.strictObject({ fence: Fence, rule: FenceRule })),
    sequence: z
      .array(z.strictObject({ from: Instant, settings: DetectionSettings, fences: WatchedFences }))
      .meta({ description: `What was said, newest time first, at most ${SEQUENCE_MAX}.` }),
  })
  .meta({ id: 'Detection' });

/** How detectors judge the vehicles of a park, which changes with time and is told for ever. */
export const detectionRoutes = (app: App, workspace: Workspace, fenceShapes: FenceShapes): void => {
  app.put(
    '/parks/:park_id/detection',
    command({
      tag,
      summary: 'Say how telemetry is judged from a moment on; what is left out takes the default',
      params,
      body: Body,
    }),
    async (request, reply) => {
      const { settings, fences, occurred_at } = request.body;
      const at = occurred_at ?? workspace.now();
      const said = { park: request.params.park_id, settings, fences, at };
      return answer(reply, await configureDetection(workspace, fenceShapes)(asked(request), said));
    },
  );
  app.get(
    '/parks/:park_id/detection',
    {
      schema: {
        tags: [tag],
        summary: 'See how telemetry is judged, now and before',
        params,
        querystring: NoQuery,
        response: { 200: Reply, default: problems },
      },
    },
    async (request, reply) => {
      const who = lookerOf(request);
      const sequence = await detectionIn(workspace)(who, request.params.park_id);
      if (isLeft(sequence)) return refuse(reply, sequence.left);
      const now = detectionAt(sequence.right, workspace.now());
      const watched = now?.fences ?? [];
      const digests = watched.map(({ digest }) => digest);
      const shapes = await fenceShapes.read(who.tenant, digests)();
      if (isLeft(shapes)) return refuse(reply, shapes.left);
      const fences = watched.map(({ digest, rule }) => {
        const fence = shapes.right.get(digest);
        if (!fence) throw new Error(`the shape ${digest} is not there`);
        return { fence, rule };
      });
      return reply.send({
        from: now?.from ?? null,
        settings: now?.settings ?? defaultSettings,
        fences,
        sequence: sequence.right.toReversed().slice(0, SEQUENCE_MAX),
      });
    },
  );
};

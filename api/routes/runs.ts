import { isLeft } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { lookerOf } from '#api/caller.ts';
import { asked } from '#api/command.ts';
import { answer, command, created, NoParams } from '#api/commandRoute.ts';
import { problems, refuse } from '#api/problem.ts';
import { inPark, NoQuery, paging, read, viewOf } from '#api/reading.ts';
import type { Books } from '#api/routes/finance.ts';
import type { Parts } from '#api/routes/parts.ts';
import { showItem } from '#api/showItem.ts';
import { showList } from '#api/showList.ts';
import { wireOf } from '#api/wire.ts';
import type { App } from '#api/zod.ts';
import type { Openings } from '#commands/ports.ts';
import { linesOfRun } from '#commands/runs/linesOfRun.ts';
import type { RunParts } from '#commands/runs/reckoner.ts';
import { postRun, proposeRun, reverseRun } from '#commands/runs/runs.ts';
import { onRun } from '#commands/runs/slot.ts';
import { Period } from '#domain/finance/period.ts';
import { Code } from '#domain/kernel/fields.ts';
import { Digest, ParkId, PartyId, RunId } from '#domain/kernel/ids.ts';
import { AssetLine, RunKind } from '#domain/runs/events.ts';
import { OpenLine } from '#domain/runs/lines/openLine.ts';
import { RunRow, runs } from '#projections/runs.ts';

const LINES_DEFAULT = 100;
const LINES_MAX = 500;

const tag = 'runs';
const NewRun = z.strictObject({
  kind: RunKind,
  park_id: ParkId,
  period: Period,
  payee_id: PartyId.nullable()
    .default(null)
    .meta({ description: 'Whom a run of the kind `operator` pays; for others null.' }),
});
const Approval = z.strictObject({
  inputs: Digest.meta({
    description: 'What is approved: the digest of all that the run rests on.',
  }),
});
const Reason = z.strictObject({ reason: Code });
const params = z.strictObject({ run_id: RunId });

const steps = (app: App, { workspace }: Parts, parts: RunParts): void => {
  app.post(
    '/finance/runs',
    command({
      tag,
      summary: 'Reckon a month of a park, and propose what it comes to to a second person',
      makes: true,
      params: NoParams,
      body: NewRun,
      target: 'content',
    }),
    async (request, reply) => {
      const { kind, park_id: park, period, payee_id: payee } = request.body;
      return created('finance/runs')(
        reply,
        await proposeRun(parts)(asked(request), { kind, park, period, payee }),
      );
    },
  );
  app.post(
    '/finance/runs/:run_id/approve',
    command({ tag, summary: 'Agree to a run that somebody else proposed', params, body: Approval }),
    async (request, reply) => {
      const asking = asked(request);
      const { inputs } = request.body;
      const step = { type: 'ApproveRun', inputs, user: asking.origin.actor.id } as const;
      return answer(reply, await onRun(workspace)(asking, request.params.run_id, step));
    },
  );
  app.post(
    '/finance/runs/:run_id/withdraw',
    command({ tag, summary: 'Drop a run that is not posted', params, body: Reason }),
    async (request, reply) => {
      const asking = asked(request);
      const { reason } = request.body;
      const step = { type: 'WithdrawRun', reason, user: asking.origin.actor.id } as const;
      return answer(reply, await onRun(workspace)(asking, request.params.run_id, step));
    },
  );
  app.post(
    '/finance/runs/:run_id/post',
    command({
      tag,
      summary: 'Write the lines of an approved run down; broken off, it goes on',
      params,
      body: z.strictObject({}),
    }),
    async (request, reply) =>
      answer(reply, await postRun(parts)(asked(request), request.params.run_id)),
  );
  app.post(
    '/finance/runs/:run_id/reverse',
    command({ tag, summary: 'Take a posted run back, whole', params, body: Reason }),
    async (request, reply) => {
      const { run_id: run } = request.params;
      return answer(reply, await reverseRun(parts)(asked(request), run, request.body.reason));
    },
  );
};

const { schema: lineSchema, write: lineOnWire } = wireOf(z.union([AssetLine, OpenLine]));
const Lines = z.strictObject({
  run_id: RunId,
  preview: z.boolean().meta({
    description: 'They were reckoned just now: the run has not written its lines down yet.',
  }),
  lines: z.array(lineSchema),
  next: z.int().nullable().meta({ description: 'Where to go on; null: these are the last.' }),
});
const Window = z.strictObject({
  from: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(LINES_MAX).default(LINES_DEFAULT),
});

const shownLines = (app: App, parts: RunParts): void => {
  app.get(
    '/finance/runs/:run_id/lines',
    {
      schema: {
        tags: [tag],
        summary: 'See the lines of a run, before it is posted as they would be; no holder’s',
        params,
        querystring: Window,
        response: { 200: Lines, default: problems },
      },
    },
    async (request, reply) => {
      const { run_id } = request.params;
      const found = await linesOfRun(parts)(lookerOf(request), run_id, request.query);
      if (isLeft(found)) return refuse(reply, found.left);
      const { preview, lines, next } = found.right;
      return reply.send({ run_id, preview, lines: lines.map(lineOnWire), next });
    },
  );
};

/** Runs: what is reckoned over a closed month, agreed to by a second person, posted and paid. */
export const runRoutes = (
  app: App,
  parts: Parts,
  { books, openings }: { readonly books: Books; readonly openings: Openings },
): void => {
  const { workspace, readings } = parts;
  steps(app, parts, { workspace, openings, closing: books.closing });
  shownLines(app, { workspace, openings, closing: books.closing });
  const view = viewOf(readings, runs, inPark);
  const reads = [runs.name];
  const Query = z.strictObject({
    park_id: ParkId.optional(),
    kind: RunKind.optional(),
    period: Period.optional(),
    phase: RunRow.shape.phase.optional(),
    ...paging,
  });
  app.get(
    '/finance/runs',
    read({
      ...{ tag, summary: 'List runs, newest first', params: NoParams, query: Query },
      ...{ reply: view.page, reads },
    }),
    showList(view, 'proposed_at'),
  );
  app.get(
    '/finance/runs/:run_id',
    read({ tag, summary: 'See a run', params, query: NoQuery, reply: view.item, reads }),
    showItem(view, ({ run_id: run }) => ({ key: run, unknown: { code: 'RunUnknown', run } })),
  );
};

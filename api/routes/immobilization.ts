import type { FastifyReply, FastifyRequest } from 'fastify';
import { isLeft } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { lookerOf } from '#api/caller.ts';
import { asked } from '#api/command.ts';
import { answer, command, NoParams } from '#api/commandRoute.ts';
import { JobReply, jobReply } from '#api/jobReply.ts';
import { problems, refuse } from '#api/problem.ts';
import { inPark, NoQuery, paging, type Readings, read, span, viewOf } from '#api/reading.ts';
import type { Parts } from '#api/routes/parts.ts';
import { showList } from '#api/showList.ts';
import type { App } from '#api/zod.ts';
import { seenVehicle, tellJob } from '#commands/immobilization/history.ts';
import {
  approveBlock,
  cancelBlock,
  giveBlockNotice,
  grantEmergencyStart,
  requestBlock,
  requestRelease,
  reviewBlock,
} from '#commands/immobilization/requests.ts';
import type { Outcome, Workspace } from '#commands/workspace.ts';
import { JOB_STATUSES, statusOfJob } from '#domain/immobilization/status.ts';
import {
  BlockReason,
  CancelReason,
  NoticeMode,
  RelayMethod,
  ReleaseReason,
} from '#domain/immobilization/words.ts';
import { Code, Reference } from '#domain/kernel/fields.ts';
import { Digest, JobId, ParkId, VehicleId } from '#domain/kernel/ids.ts';
import type { VehicleRefusal } from '#domain/registry/vehicle.ts';
import { ImmobilizationRow, immobilizations } from '#projections/immobilizations.ts';

const tag = 'immobilization';
const params = z.strictObject({ vehicle_id: VehicleId });
const jobParams = z.strictObject({ vehicle_id: VehicleId, job_id: JobId });

const Block = z.strictObject({
  method: RelayMethod,
  reason: BlockReason,
  legal_basis: Reference.nullable().default(null),
  wait: z.boolean().default(true).meta({
    description: 'Whether it waits until the vehicle stands, or is refused where it does not.',
  }),
});
const Release = z.strictObject({
  method: RelayMethod.nullable().default(null),
  reason: ReleaseReason,
});
const Approval = z.strictObject({
  approval_hash: Digest.meta({ description: 'As the job shows it: what exactly is approved.' }),
});
const Notice = z.strictObject({ step: Code, mode: NoticeMode, reference: Reference });

/** The answer to whoever asks for a block or release: it is a job, to be looked at again. */
const Accepted = z
  .strictObject({ job_id: JobId, status: z.enum(JOB_STATUSES) })
  .meta({ id: 'AcceptedJob' });

/** A route that makes a job: it answers 202 with what the specification says. */
const job = <Body extends z.ZodType>(summary: string, body: Body) => {
  const route = command({ tag, summary, params, body });
  const response = { 202: Accepted, default: problems };
  return { ...route, schema: { ...route.schema, response } };
};

const accept =
  (workspace: Workspace) =>
  async (
    request: FastifyRequest,
    reply: FastifyReply,
    vehicle: VehicleId,
    outcome: Awaited<Outcome<JobId, VehicleRefusal>>,
  ): Promise<FastifyReply> => {
    if (isLeft(outcome)) return refuse(reply, outcome.left);
    const { id } = outcome.right;
    const seen = await seenVehicle(workspace)(lookerOf(request), vehicle);
    if (isLeft(seen)) return refuse(reply, seen.left);
    const made = seen.right?.immobilization.jobs.get(id);
    if (!made) return refuse(reply, { code: 'JobUnknown', job: id });
    reply.header('location', `/api/v1/access/${vehicle}/immobilize/${id}`);
    return reply.code(202).send({ job_id: id, status: statusOfJob(made) });
  };

const jobs = (app: App, workspace: Workspace): void => {
  const accepted = accept(workspace);
  app.post(
    '/access/:vehicle_id/immobilize',
    job('Have an engine blocked, once it is certain that the vehicle stands', Block),
    async (request, reply) => {
      const { vehicle_id: vehicle } = request.params;
      const { method, reason, legal_basis: legalBasis, wait: waits } = request.body;
      const wanted = { vehicle, method, reason, legalBasis, waits };
      const done = await requestBlock(workspace)(asked(request), wanted);
      return accepted(request, reply, vehicle, done);
    },
  );
  app.post(
    '/access/:vehicle_id/release',
    job('Have an engine released: at once, whatever else is the case', Release),
    async (request, reply) => {
      const { vehicle_id: vehicle } = request.params;
      const done = await requestRelease(workspace)(asked(request), { vehicle, ...request.body });
      return accepted(request, reply, vehicle, done);
    },
  );
  app.post(
    '/access/:vehicle_id/emergency_start',
    job(
      'Give a driver in an emergency the engine back, and forbid blocks for money for a while',
      z.strictObject({}),
    ),
    async (request, reply) => {
      const { vehicle_id: vehicle } = request.params;
      const done = await grantEmergencyStart(workspace)(asked(request), { vehicle });
      return accepted(request, reply, vehicle, done);
    },
  );
};

const steps = (app: App, workspace: Workspace): void => {
  app.post(
    '/access/:vehicle_id/immobilize/:job_id/approve',
    command({
      tag,
      summary: 'Agree to a block that somebody else asked for',
      params: jobParams,
      body: Approval,
    }),
    async (request, reply) => {
      const { vehicle_id: vehicle, job_id: id } = request.params;
      const agreed = { vehicle, job: id, basis: request.body.approval_hash };
      return answer(reply, await approveBlock(workspace)(asked(request), agreed));
    },
  );
  app.post(
    '/access/:vehicle_id/immobilize/:job_id/cancel',
    command({
      tag,
      summary: 'Call a block off that was not sent yet',
      params: jobParams,
      body: z.strictObject({ reason: CancelReason }),
    }),
    async (request, reply) => {
      const { vehicle_id: vehicle, job_id: id } = request.params;
      const off = { vehicle, job: id, reason: request.body.reason };
      return answer(reply, await cancelBlock(workspace)(asked(request), off));
    },
  );
  app.post(
    '/access/:vehicle_id/immobilize/:job_id/review',
    command({
      tag,
      summary: 'Say afterwards what to think of a block for theft or safety',
      params: jobParams,
      body: z.strictObject({ finding: z.enum(['justified', 'not_justified']) }),
    }),
    async (request, reply) => {
      const { vehicle_id: vehicle, job_id: id } = request.params;
      const review = { vehicle, job: id, finding: request.body.finding };
      return answer(reply, await reviewBlock(workspace)(asked(request), review));
    },
  );
  app.post(
    '/access/:vehicle_id/notices',
    command({
      tag,
      summary: 'Record that whoever has the vehicle was told of a block for money',
      params,
      body: Notice,
    }),
    async (request, reply) => {
      const { vehicle_id: vehicle } = request.params;
      const given = { vehicle, ...request.body };
      return answer(reply, await giveBlockNotice(workspace)(asked(request), given));
    },
  );
};

const look = (app: App, workspace: Workspace): void => {
  app.get(
    '/access/:vehicle_id/immobilize/:job_id',
    {
      schema: {
        tags: [tag],
        summary: 'See a block or release: where it is, what there is to show for it, every step',
        params: jobParams,
        querystring: NoQuery,
        response: { 200: JobReply, default: problems },
      },
    },
    async (request, reply) => {
      const { vehicle_id: vehicle, job_id: id } = request.params;
      const told = await tellJob(workspace)(lookerOf(request), { vehicle, job: id });
      if (isLeft(told)) return refuse(reply, told.left);
      return reply.send(jobReply(told.right, vehicle));
    },
  );
};

const Query = z.strictObject({
  vehicle_id: VehicleId.optional(),
  park_id: ParkId.optional(),
  status: z.enum(JOB_STATUSES).optional(),
  review: ImmobilizationRow.shape.review.optional(),
  ...span,
  ...paging,
});

const list = (app: App, readings: Readings): void => {
  const view = viewOf(readings, immobilizations, inPark);
  app.get(
    '/access/immobilizations',
    read({
      tag,
      summary: 'List blocks and releases, the newest first; review=due: those to be looked at yet',
      params: NoParams,
      query: Query,
      reply: view.page,
      reads: [immobilizations.name],
    }),
    showList(view, 'requested_at'),
  );
};

/** Blocking and releasing engines. What is sent, and when, is not decided here. */
export const immobilizationRoutes = (app: App, { workspace, readings }: Parts): void => {
  list(app, readings);
  jobs(app, workspace);
  steps(app, workspace);
  look(app, workspace);
};

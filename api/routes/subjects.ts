import { isLeft } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { callerOf, isUnbound } from '#api/caller.ts';
import { asked } from '#api/command.ts';
import { problems, refuse } from '#api/problem.ts';
import type { App } from '#api/zod.ts';
import { eraseSubject } from '#commands/eraseSubject.ts';
import type { Workspace } from '#commands/workspace.ts';
import { unreachable } from '#domain/kernel/decider.ts';
import { PiiClass } from '#domain/kernel/event.ts';
import { DriverId, PartyId, VehicleId } from '#domain/kernel/ids.ts';
import { Instant } from '#domain/kernel/instant.ts';
import type { ErasureSubject } from '#domain/privacy/events.ts';

const Query = z.strictObject({ kind: z.enum(['driver', 'vehicle', 'party']) });
const Erased = z.strictObject({
  erased: z.array(PiiClass),
  held: z.array(z.strictObject({ class: PiiClass, until: Instant })),
});

const subjectOf = (kind: ErasureSubject['kind'], id: string): ErasureSubject => {
  switch (kind) {
    case 'driver':
      return { kind, id: DriverId.parse(id) };
    case 'vehicle':
      return { kind, id: VehicleId.parse(id) };
    case 'party':
      return { kind, id: PartyId.parse(id) };
    default:
      return unreachable(kind);
  }
};

/** DELETE /subjects/{id}: makes personal data unreadable, but for what a retention period holds. */
export const subjectRoutes = (app: App, workspace: Workspace): void => {
  app.delete(
    '/subjects/:subject_id',
    {
      config: { command: {} },
      schema: {
        tags: ['subjects'],
        summary: 'Erase the personal data of a driver, a vehicle or a party',
        params: z.strictObject({ subject_id: DriverId.or(VehicleId).or(PartyId) }),
        querystring: Query,
        response: { 200: Erased, default: problems },
      },
    },
    async (request, reply) => {
      const subject = subjectOf(request.query.kind, request.params.subject_id);
      if (subject.kind === 'party' && !isUnbound(callerOf(request))) {
        return refuse(reply, { code: 'PartyUnknown', party: subject.id });
      }
      const at = workspace.now();
      const outcome = await eraseSubject(workspace)(asked(request), { subject, at });
      if (isLeft(outcome)) return refuse(reply, outcome.left);
      const { erased, held } = outcome.right;
      return reply.send({ erased: [...erased], held: [...held] });
    },
  );
};

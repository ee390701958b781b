import type { FastifyRequest } from 'fastify';
import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import type { PersonalEntry, Unavailable } from '#commands/ports.ts';
import type { Workspace } from '#commands/workspace.ts';
import type { PiiClass } from '#domain/kernel/event.ts';
import { callerOf } from './caller.ts';
import type { AccessRecords } from './ports.ts';

/** What lies in the vault under one class; null where there is nothing, or nothing any more. */
export const Kept = z.record(z.string(), z.unknown()).nullable();

const dataOf = (entries: readonly PersonalEntry[], wanted: PiiClass) =>
  entries.find((entry) => entry.class === wanted)?.data ?? null;

/** Shows personal data of a subject, once it is written down who looks at it. */
export const showPersonal =
  ({ vault, now }: Workspace, accessRecords: AccessRecords) =>
  async <Class extends PiiClass>(
    request: FastifyRequest,
    subject: string,
    classes: readonly Class[],
  ): Promise<Either<Unavailable, (wanted: Class) => Readonly<Record<string, unknown>> | null>> => {
    const { tenant, actor, role } = callerOf(request);
    const recorded = await accessRecords.record({
      tenant,
      actor,
      role,
      purpose: 'personal_data_read',
      subject,
      classes: [...classes],
      requestId: request.id,
      at: now(),
    })();
    if (isLeft(recorded)) return recorded;
    const found = await vault.read({ tenant, subject })();
    if (isLeft(found)) return found;
    return right((wanted) => dataOf(found.right, wanted));
  };

import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import { holding } from '#commands/aggregate.ts';
import { digestOf } from '#commands/digest.ts';
import type { HandleFailure } from '#commands/handle.ts';
import { deriveUuid } from '#commands/identity.ts';
import { momentOf } from '#commands/localDate.ts';
import {
  everywhere,
  followUp,
  type Outcome,
  type OutsideScope,
  type Request,
  submitAs,
  type Workspace,
} from '#commands/workspace.ts';
import { bankEvents } from '#domain/finance/bank/events.ts';
import { type ExceptionRefusal, exceptionDecider } from '#domain/finance/bank/exception.ts';
import type { Match } from '#domain/finance/matching.ts';
import { Reference } from '#domain/kernel/fields.ts';
import { BankExceptionId, type Digest, type Tenant } from '#domain/kernel/ids.ts';
import { inGroups } from '#domain/kernel/inGroups.ts';
import { bankStream } from '#domain/kernel/streams.ts';

const NOTED_AT_ONCE = 16;

/** A line of a statement that fits nothing. */
export type Unmatched = Extract<Match, { kind: 'unmatched' }>;

const owns = holding(bankEvents);

const exceptionOf = (tenant: Tenant, id: BankExceptionId) => ({
  decider: exceptionDecider,
  streamOf: () => bankStream(tenant, id),
  owns,
});

/** The same line has the same id in whatever statement it comes. */
const idOf = (tenant: Tenant, { ref, direction, endToEndId, amount, on }: Unmatched) =>
  BankExceptionId.parse(
    deriveUuid('bank-exception', tenant, digestOf({ ref, direction, endToEndId, amount, on })),
  );

/** Writes down the lines of a statement that somebody has to look at, each once. */
export const noteExceptions =
  (workspace: Workspace) =>
  async (
    { origin }: Request,
    statement: Digest,
    exceptions: readonly Unmatched[],
  ): Promise<Either<ExceptionRefusal | HandleFailure | OutsideScope, null>> => {
    const { tenant } = origin;
    const when = momentOf(workspace.now(), workspace.platformZone);
    const note = (line: Unmatched) => {
      const { code, direction, on, amount } = line;
      const exception = idOf(tenant, line);
      const ref = Reference.safeParse(line.ref).data ?? null;
      const said = { exception, statement, code, direction, on, amount, ref };
      return workspace.submit({
        origin: followUp(origin, exception),
        aggregate: exceptionOf(tenant, exception),
        command: { type: 'NoteException', said, when },
        authorize: everywhere,
      })();
    };
    for (const group of inGroups(exceptions, NOTED_AT_ONCE)) {
      for (const noted of await Promise.all(group.map(note))) if (isLeft(noted)) return noted;
    }
    return right(null);
  };

/** Says that somebody has dealt with a line. */
export const settleException =
  (workspace: Workspace) =>
  async (
    { origin }: Request,
    exception: BankExceptionId,
    reason: string,
  ): Outcome<BankExceptionId, ExceptionRefusal> =>
    submitAs(workspace)(exception, {
      origin,
      aggregate: exceptionOf(origin.tenant, exception),
      command: {
        ...{ type: 'SettleException', exception, reason, user: origin.actor.id },
        when: momentOf(workspace.now(), workspace.platformZone),
      },
      authorize: everywhere,
    })();

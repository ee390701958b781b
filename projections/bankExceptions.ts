import { z } from 'zod';
import { BankExceptionNoted } from '#domain/finance/bank/events.ts';
import { Code } from '#domain/kernel/fields.ts';
import { ActorId, BankExceptionId } from '#domain/kernel/ids.ts';
import { Instant } from '#domain/kernel/instant.ts';
import { exceptionKey } from '#domain/kernel/subjects.ts';
import type { ProjectedEvent, Projection } from './projection.ts';
import { after, lastEvent } from './rowFields.ts';

/** A line of a bank statement that fits nothing; `settled` is null while somebody has to look at it. */
export const BankExceptionRow = z.strictObject({
  ...BankExceptionNoted.data.shape,
  status: z.enum(['open', 'settled']),
  notedAt: Instant,
  settled: z.strictObject({ reason: Code, user: ActorId, at: Instant }).nullable(),
  ...lastEvent,
});
export type BankExceptionRow = z.infer<typeof BankExceptionRow>;

const evolve = (row: BankExceptionRow | null, event: ProjectedEvent): BankExceptionRow | null => {
  const { fact } = event;
  if (fact.type === 'BankExceptionNoted') {
    const noted = { status: 'open', notedAt: fact.when.at, settled: null } as const;
    return { ...fact.data, ...noted, ...after(event) };
  }
  if (row === null || fact.type !== 'BankExceptionSettled') return row;
  const { reason, user } = fact.data;
  const settled = { reason, user, at: fact.when.at };
  return { ...row, status: 'settled', settled, ...after(event) };
};

/** Every line of a bank statement that fitted nothing, by id. */
export const bankExceptions: Projection<BankExceptionRow> = {
  name: 'bank_exceptions',
  version: 1,
  row: BankExceptionRow,
  handles: ['BankExceptionNoted', 'BankExceptionSettled'],
  keys: ({ fact }) => ('exception' in fact.data ? [fact.data.exception] : []),
  evolve,
  subject: (key) => exceptionKey(BankExceptionId.parse(key)),
  columns: {
    status: { path: ['status'], type: 'text' },
    noted_at: { path: ['notedAt'], type: 'timestamptz' },
  },
  indexes: [['noted_at'], ['status', 'noted_at']],
};

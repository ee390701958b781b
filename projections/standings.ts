import { z } from 'zod';
import type { LedgerFact } from '#domain/events.ts';
import { PenaltyPoints } from '#domain/kernel/fields.ts';
import { DriverId, FineId } from '#domain/kernel/ids.ts';
import { Instant } from '#domain/kernel/instant.ts';
import { Currency, Money, NonNegativeMoney } from '#domain/kernel/money.ts';
import { SubjectKey } from '#domain/kernel/subjects.ts';
import { StandingFineStatus } from '#domain/standing/events.ts';
import { standingSummary } from '#domain/standing/standing.ts';
import type { ProjectedEvent, Projection } from './projection.ts';
import { after, lastEvent } from './rowFields.ts';

const FINES_MAX = 1_000;

const StandingFine = z.strictObject({
  fine: FineId,
  status: StandingFineStatus,
  amount: NonNegativeMoney,
  points: PenaltyPoints,
});

/** All fines of one status in one currency: how many, their penalty points and their amounts added up. */
const StandingLine = z.strictObject({
  status: StandingFineStatus,
  currency: Currency,
  fines: z.int(),
  points: z.int(),
  amount: Money,
});

const Statement = z.strictObject({ amount: NonNegativeMoney, at: Instant });

/**
 * What a driver owes, has deposited and was fined, as others state it; null where nothing was stated, which
 * is not zero. Fines are in the order in which they were first heard of; a driver with more than 1,000 is
 * parked.
 */
export const StandingRow = z.strictObject({
  driver: DriverId,
  fines: z.array(StandingFine).max(FINES_MAX),
  lines: z.array(StandingLine),
  arrears: Statement.nullable(),
  deposit: Statement.nullable(),
  ...lastEvent,
});
export type StandingRow = z.infer<typeof StandingRow>;

const linesOf = (fines: StandingRow['fines']): StandingRow['lines'] => [
  ...standingSummary({
    fines: new Map(fines.map(({ fine, ...held }) => [fine, { ...held, bases: new Set() }])),
  }),
];

const withFine = (
  fines: StandingRow['fines'],
  copied: StandingRow['fines'][number],
): StandingRow['fines'] =>
  fines.some(({ fine }) => fine === copied.fine)
    ? fines.map((held) => (held.fine === copied.fine ? copied : held))
    : [...fines, copied];

const changed = (row: StandingRow, fact: LedgerFact): StandingRow => {
  const { at } = fact.when;
  switch (fact.type) {
    case 'StandingFineCopied': {
      const { fine, status, amount, points } = fact.data;
      const fines = withFine(row.fines, { fine, status, amount, points });
      return { ...row, fines, lines: linesOf(fines) };
    }
    case 'ArrearsStated':
      return { ...row, arrears: { amount: fact.data.arrears, at } };
    case 'DepositStated':
      return { ...row, deposit: { amount: fact.data.deposit, at } };
    default:
      return row;
  }
};

const evolve = (row: StandingRow | null, event: ProjectedEvent, key: string): StandingRow => {
  const unknown = { fines: [], lines: [], arrears: null, deposit: null };
  const held = row ?? { driver: DriverId.parse(key), ...unknown, ...after(event) };
  return { ...changed(held, event.fact), ...after(event) };
};

/** The standing of every driver of whom something was stated, by the driver's id. */
export const standings: Projection<StandingRow> = {
  name: 'standings',
  version: 1,
  row: StandingRow,
  handles: ['StandingFineCopied', 'ArrearsStated', 'DepositStated'],
  keys: ({ fact }) =>
    'driver' in fact.data && fact.data.driver !== null ? [fact.data.driver] : [],
  evolve,
  subject: (key) => SubjectKey.parse(`driver:${key}`),
  columns: { arrears: { path: ['arrears', 'amount', 'amount'], type: 'bigint' } },
  indexes: [['arrears']],
};

import { z } from 'zod';
import { Odometer_m } from '#domain/kernel/fields.ts';
import { ParkId, RepairId, VehicleId } from '#domain/kernel/ids.ts';
import { Instant, LocalDate, Zone } from '#domain/kernel/instant.ts';
import { Currency } from '#domain/kernel/money.ts';
import { SubjectKey } from '#domain/kernel/subjects.ts';
import {
  CostLine,
  RepairCancelReason,
  RepairReason,
  Severity,
} from '#domain/maintenance/events.ts';
import type { ProjectedEvent, Projection } from './projection.ts';
import { after, type FactNamed, lastEvent } from './rowFields.ts';

const COST_LINES_MAX = 200;

/** Minor units; 200 amounts of at most 18 digits have a sum of at most 21. */
const Total = z.string().regex(/^(?:0|[1-9]\d{0,20})$/);

/** What the lines in one currency come to, in minor units. */
const Totals = z.strictObject({ currency: Currency, parts: Total, labour: Total, total: Total });

/**
 * A repair with what it cost. `reportedAt` is the time of its first event; a phase that was not reached has
 * no time. Lines are in one currency, unless the vehicle changed parks while it was repaired.
 */
export const RepairRow = z.strictObject({
  repair: RepairId,
  vehicle: VehicleId,
  park: ParkId,
  status: z.enum(['requested', 'open', 'completed', 'cancelled']),
  reason: RepairReason,
  severity: Severity,
  reportedAt: Instant,
  zone: Zone,
  localDate: LocalDate,
  openedAt: Instant.nullable(),
  closedAt: Instant.nullable(),
  cancelReason: RepairCancelReason.nullable(),
  odometer_m: Odometer_m.nullable(),
  lines: z.array(z.strictObject({ ...CostLine.shape, at: Instant })).max(COST_LINES_MAX),
  totals: z.array(Totals),
  ...lastEvent,
});
export type RepairRow = z.infer<typeof RepairRow>;

const reported = (
  { data, when }: FactNamed<'RepairRequested' | 'RepairOpened'>,
  event: ProjectedEvent,
): RepairRow => ({
  ...data,
  status: 'requested',
  reportedAt: when.at,
  zone: when.zone,
  localDate: when.localDate,
  openedAt: null,
  closedAt: null,
  cancelReason: null,
  odometer_m: null,
  lines: [],
  totals: [],
  ...after(event),
});

const sumOf = (lines: RepairRow['lines']): string =>
  lines.reduce((sum, { amount }) => sum + BigInt(amount.amount), 0n).toString();

const totalsOf = (lines: RepairRow['lines']): RepairRow['totals'] => {
  const currencies = [...new Set(lines.map(({ amount }) => amount.currency))].sort();
  return currencies.map((currency) => {
    const own = lines.filter(({ amount }) => amount.currency === currency);
    return {
      currency,
      parts: sumOf(own.filter(({ kind }) => kind === 'part')),
      labour: sumOf(own.filter(({ kind }) => kind === 'labour')),
      total: sumOf(own),
    };
  });
};

const changed = (row: RepairRow, { fact }: ProjectedEvent): RepairRow => {
  const { at } = fact.when;
  switch (fact.type) {
    case 'RepairOpened': {
      const { reason, severity } = fact.data;
      return { ...row, status: 'open', reason, severity, openedAt: at };
    }
    case 'RepairCostAdded': {
      const lines = [...row.lines, { ...fact.data.line, at }];
      return { ...row, lines, totals: totalsOf(lines) };
    }
    case 'RepairCompleted':
      return { ...row, status: 'completed', closedAt: at, odometer_m: fact.data.odometer_m };
    case 'RepairCancelled':
      return { ...row, status: 'cancelled', closedAt: at, cancelReason: fact.data.reason };
    default:
      return row;
  }
};

const evolve = (row: RepairRow | null, event: ProjectedEvent): RepairRow | null => {
  const { fact } = event;
  const begins = fact.type === 'RepairRequested' || fact.type === 'RepairOpened';
  const held = row ?? (begins ? reported(fact, event) : null);
  return held && { ...changed(held, event), ...after(event) };
};

/** Every repair, by its id. */
export const repairs: Projection<RepairRow> = {
  name: 'repairs',
  version: 1,
  row: RepairRow,
  handles: [
    'RepairRequested',
    'RepairOpened',
    'RepairCostAdded',
    'RepairCompleted',
    'RepairCancelled',
  ],
  keys: ({ fact }) => ('repair' in fact.data ? [fact.data.repair] : []),
  evolve,
  subject: (key) => SubjectKey.parse(`repair:${key}`),
  columns: {
    vehicle: { path: ['vehicle'], type: 'text' },
    park: { path: ['park'], type: 'text' },
    status: { path: ['status'], type: 'text' },
    severity: { path: ['severity'], type: 'text' },
    reported_at: { path: ['reportedAt'], type: 'timestamptz' },
    closed_at: { path: ['closedAt'], type: 'timestamptz' },
    local_date: { path: ['localDate'], type: 'date' },
  },
  indexes: [
    ['vehicle', 'reported_at'],
    ['park', 'reported_at'],
    ['status', 'reported_at'],
    ['severity', 'reported_at'],
    ['reported_at'],
  ],
};

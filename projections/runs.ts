import { z } from 'zod';
import { Period } from '#domain/finance/period.ts';
import { ActorId, Digest, ParkId, RunId } from '#domain/kernel/ids.ts';
import { Instant } from '#domain/kernel/instant.ts';
import { runKey } from '#domain/kernel/subjects.ts';
import { RunKind, RunTotals } from '#domain/runs/events.ts';
import type { ProjectedEvent, Projection } from './projection.ts';
import { after, lastEvent } from './rowFields.ts';

/**
 * A run and how far it has got. `root` is null until it is posted; `payments` counts how many
 * lines the bank was asked to pay, said that it paid, and gave back; a line counts again where it came back.
 */
export const RunRow = z.strictObject({
  run: RunId,
  kind: RunKind,
  park: ParkId,
  period: Period,
  phase: z.enum(['proposed', 'approved', 'posted', 'reversed', 'withdrawn']),
  version: z.int(),
  inputs: Digest,
  root: Digest.nullable(),
  totals: RunTotals,
  proposedBy: ActorId,
  approvedBy: ActorId.nullable(),
  proposedAt: Instant,
  postedAt: Instant.nullable(),
  payments: z.strictObject({ ordered: z.int(), confirmed: z.int(), returned: z.int() }),
  ...lastEvent,
});
export type RunRow = z.infer<typeof RunRow>;

const changed = (row: RunRow, { fact }: ProjectedEvent): RunRow => {
  const { payments } = row;
  switch (fact.type) {
    case 'RunApproved':
      return { ...row, phase: 'approved', approvedBy: fact.data.user };
    case 'RunWithdrawn':
      return { ...row, phase: 'withdrawn' };
    case 'RunPosted':
      return { ...row, phase: 'posted', root: fact.data.root, postedAt: fact.when.at };
    case 'RunReversed':
      return { ...row, phase: 'reversed' };
    case 'PaymentsOrdered': {
      const ordered = payments.ordered + fact.data.lines.length;
      return { ...row, payments: { ...payments, ordered } };
    }
    case 'PaymentsConfirmed': {
      const confirmed = payments.confirmed + fact.data.lines.length;
      return { ...row, payments: { ...payments, confirmed } };
    }
    case 'PaymentsReturned': {
      const returned = payments.returned + fact.data.lines.length;
      return { ...row, payments: { ...payments, returned } };
    }
    default:
      return row;
  }
};

const evolve = (row: RunRow | null, event: ProjectedEvent): RunRow | null => {
  const { fact } = event;
  if (fact.type !== 'RunProposed') return row && { ...changed(row, event), ...after(event) };
  const { run, kind, park, period, version, inputs, totals, user } = fact.data;
  return {
    ...{ run, kind, park, period, version, inputs, totals },
    ...{ phase: 'proposed', root: null, proposedBy: user, approvedBy: null, postedAt: null },
    proposedAt: fact.when.at,
    payments: { ordered: 0, confirmed: 0, returned: 0 },
    ...after(event),
  };
};

/** Every run, by its id. */
export const runs: Projection<RunRow> = {
  name: 'runs',
  version: 1,
  row: RunRow,
  handles: [
    'RunProposed',
    'RunApproved',
    'RunWithdrawn',
    'RunPosted',
    'RunReversed',
    'PaymentsOrdered',
    'PaymentsConfirmed',
    'PaymentsReturned',
  ],
  keys: ({ fact }) => ('run' in fact.data ? [fact.data.run] : []),
  evolve,
  subject: (key) => runKey(RunId.parse(key)),
  columns: {
    park: { path: ['park'], type: 'text' },
    kind: { path: ['kind'], type: 'text' },
    period: { path: ['period'], type: 'text' },
    phase: { path: ['phase'], type: 'text' },
    proposed_at: { path: ['proposedAt'], type: 'timestamptz' },
  },
  indexes: [['proposed_at'], ['park', 'proposed_at'], ['period', 'park']],
};

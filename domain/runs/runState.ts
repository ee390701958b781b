import { unreachable } from '#domain/kernel/decider.ts';
import type { ActorId, Digest, RunId, VehicleId } from '#domain/kernel/ids.ts';
import type { Carried, RunEvent, RunTotals } from './events.ts';

export type RunPhase = 'proposed' | 'approved' | 'posted' | 'reversed' | 'withdrawn';

/** What became of a line that the bank was asked to pay. */
export type PaymentState = 'ordered' | 'paid' | 'returned';

/** A run as far as it has got. `assets` and `holders` are the lines written down so far. */
export interface Run {
  readonly run: RunId;
  readonly phase: RunPhase;
  readonly version: number;
  readonly inputs: Digest;
  readonly totals: RunTotals;
  readonly proposedBy: ActorId;
  readonly approvedBy: ActorId | null;
  readonly assets: number;
  readonly holders: number;
  readonly root: Digest | null;
  readonly payments: ReadonlyMap<number, PaymentState>;
  /** What each asset hands on. */
  readonly closing: ReadonlyMap<VehicleId, Carried>;
}

export type Runs = ReadonlyMap<RunId, Run>;

/** The run that holds for the month, null while there is none. */
export const postedRun = (runs: Runs): Run | null =>
  [...runs.values()].find(({ phase }) => phase === 'posted') ?? null;

const proposed = ({ data }: Extract<RunEvent, { type: 'RunProposed' }>): Run => ({
  run: data.run,
  phase: 'proposed',
  version: data.version,
  inputs: data.inputs,
  totals: data.totals,
  proposedBy: data.user,
  approvedBy: null,
  assets: 0,
  holders: 0,
  root: null,
  payments: new Map(),
  closing: new Map(),
});

const paid = (run: Run, lines: readonly number[], state: PaymentState): Run => ({
  ...run,
  payments: new Map([...run.payments, ...lines.map((line) => [line, state] as const)]),
});

const changed = (run: Run, event: RunEvent): Run => {
  switch (event.type) {
    case 'RunProposed':
      return proposed(event);
    case 'RunApproved':
      return { ...run, phase: 'approved', approvedBy: event.data.user };
    case 'RunWithdrawn':
      return { ...run, phase: 'withdrawn' };
    case 'RunAssetsReckoned': {
      const { from, lines } = event.data;
      const closing = lines.map((line) => [line.vehicle, line.closing] as const);
      const held = new Map([...run.closing, ...closing]);
      return { ...run, assets: from + lines.length, closing: held };
    }
    case 'RunLinesSealed':
      return { ...run, holders: event.data.from + event.sealed.length };
    case 'RunPosted':
      return { ...run, phase: 'posted', root: event.data.root };
    case 'RunReversed':
      return { ...run, phase: 'reversed' };
    case 'PaymentsOrdered': {
      const { from, count } = event.data;
      return paid(
        run,
        Array.from({ length: count }, (_, index) => from + index),
        'ordered',
      );
    }
    case 'PaymentsConfirmed':
      return paid(
        run,
        event.data.lines.map(({ line }) => line),
        'paid',
      );
    case 'PaymentsReturned':
      return paid(
        run,
        event.data.lines.map(({ line }) => line),
        'returned',
      );
    default:
      return unreachable(event);
  }
};

/** What the runs of a month are after an event. */
export const evolveRuns = (runs: Runs, event: RunEvent): Runs => {
  const { run: id } = event.data;
  if (event.type === 'RunProposed') return new Map(runs).set(id, proposed(event));
  const run = runs.get(id);
  return run ? new Map(runs).set(id, changed(run, event)) : runs;
};

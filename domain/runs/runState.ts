import { unreachable } from '#domain/kernel/decider.ts';
import { emptyMap, type GrowingMap, heldAt, withEntries } from '#domain/kernel/growingMap.ts';
import type { ActorId, Digest, PartyId, RunId, VehicleId } from '#domain/kernel/ids.ts';
import type { Instant, LocalDate } from '#domain/kernel/instant.ts';
import type { Carried, PaidLine, RunEvent, RunKind, RunTotals } from './events.ts';
import type { OpenLine } from './lines/openLine.ts';

export type RunPhase = 'proposed' | 'approved' | 'posted' | 'reversed' | 'withdrawn';

/** What became of a line that the bank was asked to pay. */
export type PaymentState = 'ordered' | 'paid' | 'returned';

/** How the payment of a line stands, and the entries by which the bank has told of it so far. */
export interface Payment {
  readonly state: PaymentState;
  readonly told: readonly Digest[];
}

/** A file that asks the bank to pay some lines. */
export interface PaymentOrder {
  readonly orderedAt: Instant;
  readonly executionDate: LocalDate;
  readonly lines: readonly number[];
}

/** A run as far as it has got. `assets`, `holders` and `lines` are those written down so far. */
export interface Run {
  readonly run: RunId;
  readonly kind: RunKind;
  readonly phase: RunPhase;
  readonly version: number;
  readonly inputs: Digest;
  readonly totals: RunTotals;
  readonly proposedBy: ActorId;
  readonly approvedBy: ActorId | null;
  readonly assets: number;
  readonly holders: number;
  readonly lines: readonly OpenLine[];
  readonly root: Digest | null;
  readonly payments: GrowingMap<number, Payment>;
  /** The files that were ordered, by their names. */
  readonly orders: ReadonlyMap<string, PaymentOrder>;
  /** What each asset hands on. */
  readonly closing: ReadonlyMap<VehicleId, Carried>;
}

export type Runs = ReadonlyMap<RunId, Run>;

/** The party that all of a run goes to; null where it goes to several or to nobody. */
export const payeeOf = ({ totals }: Pick<Run, 'totals'>): PartyId | null =>
  'payee' in totals ? totals.payee : null;

/** Whether all lines of a run are written down. */
export const isWhole = ({ totals, assets, holders, lines }: Run): boolean =>
  'lines' in totals
    ? lines.length === totals.lines
    : assets === totals.assets && holders === totals.holders;

/** How many lines of a run somebody is paid by; the operator is paid all lines at once. */
export const payableLines = ({ kind, holders, lines }: Run): number => {
  switch (kind) {
    case 'payout':
      return holders;
    case 'settlement':
      return lines.length;
    case 'operator':
      return Math.min(1, lines.length);
    case 'closing':
    case 'depreciation':
    case 'revaluation':
      return 0;
    default:
      return unreachable(kind);
  }
};

/** The run that holds for the month, null while there is none. */
export const postedRun = (runs: Runs): Run | null =>
  [...runs.values()].find(({ phase }) => phase === 'posted') ?? null;

const proposed = ({ data }: Extract<RunEvent, { type: 'RunProposed' }>): Run => ({
  run: data.run,
  kind: data.kind,
  phase: 'proposed',
  version: data.version,
  inputs: data.inputs,
  totals: data.totals,
  proposedBy: data.user,
  approvedBy: null,
  assets: 0,
  holders: 0,
  lines: [],
  root: null,
  payments: emptyMap,
  orders: new Map(),
  closing: new Map(),
});

const ordered = (run: Run, { data, when }: Extract<RunEvent, { type: 'PaymentsOrdered' }>): Run => {
  const { message, executionDate, lines } = data;
  const payments = withEntries(
    run.payments,
    lines.map((line) => {
      const told = heldAt(run.payments, line)?.told ?? [];
      return [line, { state: 'ordered', told } as const] as const;
    }),
  );
  const before = run.orders.get(message)?.lines ?? [];
  const order = { orderedAt: when.at, executionDate, lines: [...before, ...lines] };
  return { ...run, payments, orders: new Map(run.orders).set(message, order) };
};

const told = (run: Run, lines: readonly PaidLine[], state: PaymentState): Run => {
  const payments = withEntries(
    run.payments,
    lines.map(({ line, entry }) => {
      const before = heldAt(run.payments, line)?.told ?? [];
      return [line, { state, told: [...before, entry] }] as const;
    }),
  );
  return { ...run, payments };
};

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
    case 'RunLinesReckoned':
      return { ...run, lines: [...run.lines, ...event.data.lines] };
    case 'RunPosted':
      return { ...run, phase: 'posted', root: event.data.root };
    case 'RunReversed':
      return { ...run, phase: 'reversed' };
    case 'PaymentsOrdered':
      return ordered(run, event);
    case 'PaymentsConfirmed':
      return told(run, event.data.lines, 'paid');
    case 'PaymentsReturned':
      return told(run, event.data.lines, 'returned');
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

import { loadavg } from 'node:os';
import type { OpenLedger } from '#main/openLedger.ts';
import { CLOCKS, sentInLog, type Told } from './immobilizeClocks.ts';
import type { BenchVehicle } from './immobilizeFleet.ts';
import type { bareRelay } from './immobilizePeer.ts';
import type { simulatorProcess } from './immobilizeUnits.ts';
import { boundedFigure, type Figure, percentile } from './measure.ts';

const BENCH = 'immobilize';
/** Source: specification 000, "SLA". */
const TARGETS_MS = {
  decision: 1_000,
  accepted: 2_000,
  executed: 10_000,
  confirmed: 15_000,
} as const;
const COUNTS = [0.5, 0.95, 0.99, 1] as const;

type Simulator = Awaited<ReturnType<typeof simulatorProcess>>;

/** A line beside the figures. */
export const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** The load average of 1, 5 and 15 minutes. */
export const loads = (): string =>
  loadavg()
    .map((load) => load.toFixed(1))
    .join(' ');

/** The median, and what 95 and 99 in a hundred and all do not exceed. */
export const spread = (values: readonly number[]): string =>
  COUNTS.map((share) => Math.round(percentile(values, share))).join(' / ');

/** Where nothing came to be measured, no bound is kept. */
const p95 = (values: readonly number[]): number =>
  values.length === 0 ? Number.POSITIVE_INFINITY : percentile(values, 0.95);

/** Says what became of jobs, with all of each clock and not its target alone. */
export const report = (name: string, { clocks, statuses, inFlight_max }: Told): void => {
  say(`${name}: at most ${inFlight_max} in flight; load average ${loads()}`);
  for (const clock of CLOCKS) {
    const { length } = clocks[clock];
    say(`  ${clock}: ${length}, p50 / p95 / p99 / max ${spread(clocks[clock])} ms`);
  }
  say(`  ${[...statuses].map(([status, count]) => `${status} ${count}`).join(', ')}`);
};

/** The clocks as figures, each beside what the relay alone takes. */
export const figuresOf = (
  name: string,
  { clocks }: Told,
  bare: Awaited<ReturnType<typeof bareRelay>> | null,
): readonly Figure[] =>
  CLOCKS.map((clock) => {
    const peer = bare && clock !== 'decision' ? p95(bare[clock]) : null;
    return boundedFigure({
      ...{ bench: BENCH, case: `${name}, ${clock}, p95`, unit: 'ms' },
      ...{ value: p95(clocks[clock]), bound: TARGETS_MS[clock], sense: 'at most' },
      ...(peer !== null && { peer: { name: 'relay alone', value: peer } }),
    });
  });

const count = (name: string, value: number): Figure =>
  boundedFigure({ bench: BENCH, case: name, unit: 'times', value, bound: 0, sense: 'at most' });

const sum = (values: readonly number[]): number => values.reduce((all, each) => all + each, 0);

/**
 * What the simulator was told, beside what the log says was sent. A parked vehicle was blocked so many times,
 * and for each time its unit should have been told once.
 */
export const compared = async (
  { store }: Pick<OpenLedger, 'store'>,
  simulator: Simulator,
  { fleet, blocks }: { readonly fleet: readonly BenchVehicle[]; readonly blocks: number },
): Promise<readonly Figure[]> => {
  const { sent, shownBy } = await sentInLog(store);
  const orders = await simulator.blockOrders();
  const ordersOf = ({ unit }: BenchVehicle): number => orders.get(unit) ?? 0;
  const apart = fleet.map((each) => ordersOf(each) - (sent.get(each.vehicle) ?? 0));
  const parked = fleet.filter(({ conduct }) => conduct === 'parked');
  const extra = parked.map((each) => Math.max(0, ordersOf(each) - blocks));
  say(`orders to block: ${sum(fleet.map(ordersOf))} came, ${sum([...sent.values()])} written down`);
  say([...shownBy].map(([shown, times]) => `${shown} ${times}`).join(', '));
  return [
    count('orders nobody wrote down', sum(apart.map((each) => Math.max(0, each)))),
    count('orders written down that never came', sum(apart.map((each) => Math.max(0, -each)))),
    count('orders sent twice', sum(extra)),
    count('limits of Wialon broken', await simulator.violations()),
  ];
};

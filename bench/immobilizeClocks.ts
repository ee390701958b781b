import { isLeft } from 'fp-ts/lib/Either.js';
import { vehicleOf } from '#commands/aggregate.ts';
import { type EventStore, READ_EVENTS_MAX } from '#commands/ports.ts';
import type { Workspace } from '#commands/workspace.ts';
import { decodeFact } from '#domain/events.ts';
import type { ImmobilizationJob } from '#domain/immobilization/state.ts';
import { clocksOf, statusOfJob } from '#domain/immobilization/status.ts';
import { parseEvent } from '#domain/kernel/event.ts';
import type { JobId, VehicleId } from '#domain/kernel/ids.ts';
import { epochMs } from '#domain/kernel/instant.ts';
import { rightOf } from '#tests/support/ledger.ts';
import { acme } from '#tests/support/samples.ts';
import type { BenchVehicle, Conduct } from './immobilizeFleet.ts';

/** A job that was asked for, and the vehicle it is about. */
export interface AskedJob {
  readonly of: BenchVehicle;
  readonly id: JobId;
}

/** The four clocks, as the API tells them, in the order in which they run. */
export const CLOCKS = ['decision', 'accepted', 'executed', 'confirmed'] as const;
export type ClockName = (typeof CLOCKS)[number];

/** What became of jobs: durations in ms by clock, and how many came to what, by the vehicle's conduct. */
export interface Told {
  readonly clocks: Readonly<Record<ClockName, readonly number[]>>;
  readonly statuses: ReadonlyMap<string, number>;
  /** The most that were requested, or approved where that is needed, and not ended yet at one moment. */
  readonly inFlight_max: number;
}

const mostAtOnce = (spans: readonly (readonly [number, number])[]): number => {
  const changes = spans.flatMap(([from, to]) => [[from, 1] as const, [to, -1] as const]);
  let [now, most] = [0, 0];
  for (const [, change] of changes.toSorted(([one], [other]) => one - other)) {
    now += change;
    most = Math.max(most, now);
  }
  return most;
};

const spanOf = (job: ImmobilizationJob): readonly [number, number] => {
  const free = job.kind === 'block' ? (job.approval?.at ?? job.requestedAt) : job.requestedAt;
  return [epochMs(free), job.ended === null ? Date.now() : epochMs(job.ended.at)];
};

/** Reads from the vehicles' streams what became of jobs; the clocks are those of one conduct alone. */
export const tellOf = async (
  { load }: Pick<Workspace, 'load'>,
  asked: readonly AskedJob[],
  timed: readonly Conduct[],
): Promise<Told> => {
  const clocks: Record<ClockName, number[]> = {
    ...{ decision: [], accepted: [], executed: [], confirmed: [] },
  };
  const statuses = new Map<string, number>();
  const spans: (readonly [number, number])[] = [];
  for (const { of, id } of asked) {
    const loaded = rightOf(await load(vehicleOf(acme, of.vehicle)));
    const job = loaded.state.vehicle?.immobilization.jobs.get(id);
    if (!job) throw new Error('a job is gone');
    spans.push(spanOf(job));
    const status = `${of.conduct} ${statusOfJob(job)}`;
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    if (!timed.includes(of.conduct)) continue;
    const told = clocksOf(job);
    for (const clock of CLOCKS) {
      const took_ms = told[`${clock}_ms`];
      if (took_ms !== null) clocks[clock].push(took_ms);
    }
  }
  return { clocks, statuses, inFlight_max: mostAtOnce(spans) };
};

/** What the log holds about blocks that were sent: how many of each vehicle, and what showed them done. */
export const sentInLog = async (store: Pick<EventStore, 'readAll'>) => {
  const sent = new Map<VehicleId, number>();
  const shownBy = new Map<string, number>();
  let after: bigint | null = null;
  for (;;) {
    const page = await store.readAll({ after, limit: READ_EVENTS_MAX })();
    if (isLeft(page)) throw new Error('the log cannot be read');
    for (const { text } of page.right) {
      const fact = decodeFact(parseEvent(text));
      const count = (vehicle: VehicleId, change: number) =>
        sent.set(vehicle, (sent.get(vehicle) ?? 0) + change);
      if (fact.type === 'BlockDispatchStarted') count(fact.data.vehicle, 1);
      // What was held back at the last moment never left us.
      if (fact.type === 'BlockAnswered' && fact.data.outcome === 'not_sent') {
        count(fact.data.vehicle, -1);
      }
      if (fact.type === 'BlockConfirmed' || fact.type === 'ReleaseConfirmed') {
        const shown = `${fact.type} by ${fact.data.by}`;
        shownBy.set(shown, (shownBy.get(shown) ?? 0) + 1);
      }
    }
    after = page.right.at(-1)?.position ?? after;
    if (page.right.length < READ_EVENTS_MAX) return { sent, shownBy };
  }
};

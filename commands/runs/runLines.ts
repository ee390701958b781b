import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { runsOf } from '#commands/aggregate.ts';
import { openRegister, type RegisterParts } from '#commands/investors/register.ts';
import type { Unavailable } from '#commands/ports.ts';
import { decodeFact } from '#domain/events.ts';
import { parseEvent } from '#domain/kernel/event.ts';
import {
  HoldingId,
  type PartyId,
  type RunId,
  type Tenant,
  type VehicleId,
} from '#domain/kernel/ids.ts';
import type { SealedPart } from '#domain/runs/events.ts';
import { slotOf } from './slot.ts';

/** So many events are opened at once: of at most 60 lines each. */
const EVENTS_AT_ONCE = 20;

/** An entry of a holders' line, as it was sealed. */
export const SealedLine = z.strictObject({
  holding: HoldingId,
  share_days: z.string().transform(BigInt),
  amount: z.string().transform(BigInt),
});

/** Of which asset each line of an event is, in their order. */
export const vehiclesOf = (parts: readonly SealedPart[]): readonly VehicleId[] =>
  parts.flatMap(({ vehicle, count }) => Array.from({ length: count }, () => vehicle));

/** What a holder gets by a run: `line` is its place among the run's, `amount` in its minor units. */
export interface RunLine {
  readonly line: number;
  readonly vehicle: VehicleId;
  readonly holding: HoldingId;
  readonly party: PartyId;
  readonly shareDays: bigint;
  readonly amount: bigint;
}

/** Who is behind the holdings of an asset; the last one asked for is remembered, for lines come by asset. */
const holders = (parts: RegisterParts, tenant: Tenant) => {
  let known: { vehicle: VehicleId; parties: ReadonlyMap<HoldingId, PartyId> } | null = null;
  return async (
    vehicle: VehicleId,
  ): Promise<Either<Unavailable, ReadonlyMap<HoldingId, PartyId>>> => {
    if (known?.vehicle === vehicle) return right(known.parties);
    const opened = await openRegister(parts)(tenant, vehicle);
    if (isLeft(opened)) return opened;
    const entries = opened.right.register.flatMap((change) => change.entries);
    known = { vehicle, parties: new Map(entries.map(({ holding, party }) => [holding, party])) };
    return right(known.parties);
  };
};

/**
 * Opens the holders' lines of a run in their order and shows them to `visit`, those of an event at a time, so
 * that a run of any length needs little memory. Throws where an opening or a holder is missing: corruption.
 */
export const readRunLines =
  (parts: RegisterParts) =>
  async <Failure>(
    tenant: Tenant,
    run: RunId,
    visit: (lines: readonly RunLine[]) => Promise<Either<Failure, unknown>>,
  ): Promise<Either<Failure | Unavailable, null>> => {
    const stream = runsOf(tenant, slotOf(run)).streamOf();
    const partiesOf = holders(parts, tenant);
    for (let from = 0n; ; from += BigInt(EVENTS_AT_ONCE)) {
      const asked = { stream, from, limit: EVENTS_AT_ONCE };
      const page = await parts.workspace.store.readStream(asked)();
      if (isLeft(page)) return page;
      for (const { text } of page.right) {
        const event = parseEvent(text);
        const fact = decodeFact(event);
        if (fact.type !== 'RunLinesSealed' || fact.data.run !== run) continue;
        const opened = await parts.openings.read(tenant, event.sealed)();
        if (isLeft(opened)) return opened;
        const vehicles = vehiclesOf(fact.data.parts);
        const lines: RunLine[] = [];
        for (const [index, digest] of event.sealed.entries()) {
          const vehicle = vehicles[index];
          if (vehicle === undefined) throw new Error('a sealed line is of no asset');
          const parties = await partiesOf(vehicle);
          if (isLeft(parties)) return parties;
          const entry = SealedLine.parse(opened.right.get(digest));
          const party = parties.right.get(entry.holding);
          if (party === undefined) throw new Error(`nobody holds ${entry.holding}`);
          const { holding, share_days: shareDays, amount } = entry;
          const line = fact.data.from + index;
          lines.push({ line, vehicle, holding, party, shareDays, amount });
        }
        const visited = await visit(lines);
        if (isLeft(visited)) return visited;
      }
      if (page.right.length < EVENTS_AT_ONCE) return right(null);
    }
  };

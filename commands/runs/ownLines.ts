import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import { runsOf } from '#commands/aggregate.ts';
import type { RegisterParts } from '#commands/investors/register.ts';
import type { Unavailable } from '#commands/ports.ts';
import { decodeFact } from '#domain/events.ts';
import type { EndToEndId } from '#domain/finance/endToEndId.ts';
import { type LedgerEvent, parseEvent } from '#domain/kernel/event.ts';
import type { HoldingId, RunId, Tenant, VehicleId } from '#domain/kernel/ids.ts';
import type { LocalDate } from '#domain/kernel/instant.ts';
import type { Fact } from '#domain/kernel/registry.ts';
import type { AssetLine, RunLinesSealed } from '#domain/runs/events.ts';
import { paymentIdOf } from '#domain/runs/paymentId.ts';
import { runPart } from './payee.ts';
import { SealedLine, vehiclesOf } from './runLines.ts';
import { slotOf } from './slot.ts';

/** So many events are read at once: of at most 60 lines each. */
const EVENTS_AT_ONCE = 50;

/** What became known of the payment of a line. `on` is the day on which it did. */
export interface PaymentNews {
  readonly on: LocalDate;
  readonly state: 'ordered' | 'paid' | 'returned';
}

/** What a run says of somebody's part of an asset. The holder's line is null where nothing is paid. */
export interface OwnLine {
  readonly asset: AssetLine;
  readonly own: {
    readonly shareDays: bigint;
    readonly amount: bigint;
    readonly reference: EndToEndId;
    /** In the order in which it became known. */
    readonly payments: readonly PaymentNews[];
  } | null;
}

interface Found {
  readonly line: number;
  readonly vehicle: VehicleId;
  readonly shareDays: bigint;
  readonly amount: bigint;
}

/** The lines of an event that are of wanted holdings. Only entries of their assets are opened at all. */
const ownIn =
  ({ openings }: RegisterParts, tenant: Tenant, wanted: ReadonlyMap<VehicleId, HoldingId>) =>
  async (
    { sealed }: LedgerEvent,
    { data }: Fact<typeof RunLinesSealed>,
  ): Promise<Either<Unavailable, readonly Found[]>> => {
    const vehicles = vehiclesOf(data.parts);
    const some = sealed.flatMap((digest, index) => {
      const vehicle = vehicles[index];
      const holding = vehicle && wanted.get(vehicle);
      return vehicle && holding ? [{ digest, vehicle, holding, line: data.from + index }] : [];
    });
    if (some.length === 0) return right([]);
    const opened = await openings.read(
      tenant,
      some.map(({ digest }) => digest),
    )();
    if (isLeft(opened)) return opened;
    return right(
      some.flatMap(({ digest, vehicle, holding, line }) => {
        const entry = SealedLine.parse(opened.right.get(digest));
        const { share_days: shareDays, amount } = entry;
        return entry.holding === holding ? [{ line, vehicle, shareDays, amount }] : [];
      }),
    );
  };

/**
 * What a run says of some holdings, by their assets, and what became known of their payments. Of others only
 * the lines of the assets are in it, which tell nobody's part.
 */
export const readOwnLines =
  (parts: RegisterParts) =>
  async (
    tenant: Tenant,
    run: RunId,
    wanted: ReadonlyMap<VehicleId, HoldingId>,
  ): Promise<Either<Unavailable, readonly OwnLine[]>> => {
    const stream = runsOf(tenant, slotOf(run)).streamOf();
    const find = ownIn(parts, tenant, wanted);
    const assets: AssetLine[] = [];
    const found = new Map<number, Found>();
    const payments = new Map<number, PaymentNews[]>();
    const hear = (lines: Iterable<number>, news: PaymentNews): void => {
      for (const line of lines) {
        if (found.has(line)) payments.set(line, [...(payments.get(line) ?? []), news]);
      }
    };
    for (let from = 0n; ; from += BigInt(EVENTS_AT_ONCE)) {
      const asked = { stream, from, limit: EVENTS_AT_ONCE };
      const page = await parts.workspace.store.readStream(asked)();
      if (isLeft(page)) return page;
      for (const { text } of page.right) {
        const event = parseEvent(text);
        const fact = decodeFact(event);
        if (!('run' in fact.data) || fact.data.run !== run) continue;
        const on = fact.when.localDate;
        if (fact.type === 'RunAssetsReckoned') {
          assets.push(...fact.data.lines.filter(({ vehicle }) => wanted.has(vehicle)));
        } else if (fact.type === 'RunLinesSealed') {
          const own = await find(event, fact);
          if (isLeft(own)) return own;
          for (const each of own.right) found.set(each.line, each);
        } else if (fact.type === 'PaymentsOrdered') {
          hear(fact.data.lines, { on, state: 'ordered' });
        } else if (fact.type === 'PaymentsConfirmed' || fact.type === 'PaymentsReturned') {
          const state = fact.type === 'PaymentsConfirmed' ? 'paid' : 'returned';
          hear(
            fact.data.lines.map(({ line }) => line),
            { on, state },
          );
        }
      }
      if (page.right.length < EVENTS_AT_ONCE) break;
    }
    const byVehicle = new Map([...found.values()].map((each) => [each.vehicle, each]));
    return right(
      assets.map((asset) => {
        const line = byVehicle.get(asset.vehicle);
        if (!line) return { asset, own: null };
        const { shareDays, amount } = line;
        const reference = paymentIdOf(runPart(run), line.line);
        const told = payments.get(line.line) ?? [];
        return { asset, own: { shareDays, amount, reference, payments: told } };
      }),
    );
  };

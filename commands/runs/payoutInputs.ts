import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { Aggregate } from '#commands/aggregate.ts';
import { digestOfTexts } from '#commands/digest.ts';
import { registerOf, termsOf } from '#commands/investors/aggregates.ts';
import { openedRegister, type RegisterParts } from '#commands/investors/register.ts';
import type { RecordedEvent, Unavailable } from '#commands/ports.ts';
import { readWhole } from '#commands/readHistory.ts';
import { decodeFact, type LedgerFact } from '#domain/events.ts';
import { type Entry, monthOfBook } from '#domain/finance/journal/events.ts';
import { lastDayOf, type Period } from '#domain/finance/period.ts';
import { type TermsState, termsAt } from '#domain/investors/agreement.ts';
import { type Register, shareDaysIn } from '#domain/investors/register.ts';
import { canonicalJson } from '#domain/kernel/canonical.ts';
import { parseEvent } from '#domain/kernel/event.ts';
import {
  BookId,
  type EventId,
  type ParkId,
  type Tenant,
  type VehicleId,
} from '#domain/kernel/ids.ts';
import type { Currency } from '#domain/kernel/money.ts';
import { journalStream, registerStream, termsStream } from '#domain/kernel/streams.ts';
import type { PayoutInputs } from '#domain/runs/payout.ts';
import { type OpeningRefusal, openingOf } from './openingOf.ts';

/** Why the payout of an asset cannot be reckoned. */
export type InputsRefusal =
  | OpeningRefusal
  | { readonly code: 'TermsMissing'; readonly vehicle: VehicleId };

/** An entry with the event that holds it, for whoever explains. */
export interface EnteredEvent {
  readonly event: EventId;
  readonly entry: Entry;
}

/**
 * What the payout of an asset rests on, and what explains it: the entries as events, and who holds what.
 */
export interface GatheredInputs {
  readonly inputs: PayoutInputs;
  readonly entered: readonly EnteredEvent[];
  readonly register: Register;
}

interface Asked {
  readonly park: ParkId;
  readonly period: Period;
  readonly currency: Currency;
}

/** A stored event with its text, decoded once for all that is made of it. */
interface ReadEvent {
  readonly text: string;
  readonly id: EventId;
  readonly fact: LedgerFact;
}

/**
 * What the payout of an asset rests on, as it was read: its streams to their ends, and the openings of the
 * changes of its register. The book of the month, by far the most of it, is not decoded yet.
 */
interface ReadAsset {
  readonly vehicle: VehicleId;
  readonly journal: readonly RecordedEvent[];
  readonly agreed: readonly ReadEvent[];
  readonly changes: readonly ReadEvent[];
  readonly opened: Parameters<typeof openedRegister>[1];
}

const decoded = ({ text }: RecordedEvent): ReadEvent => {
  const event = parseEvent(text);
  return { text, id: event.id, fact: decodeFact(event) };
};

/** The state that events of an aggregate come to. Throws for one that does not belong there: corruption. */
const folded = <C, E extends LedgerFact, S, R>(
  { decider, owns, streamOf }: Aggregate<C, E, S, R>,
  events: readonly ReadEvent[],
): S => {
  let state = decider.initial;
  for (const { id, fact } of events) {
    if (!owns(fact)) throw new Error(`event ${id} does not belong in ${streamOf(state)}`);
    state = decider.evolve(state, fact);
  }
  return state;
};

/** The terms that rule a month, and the text of the event that said so; null before the first. */
const ruling = (agreed: readonly ReadEvent[], terms: TermsState, period: Period) => {
  const inForce = termsAt(terms, lastDayOf(period));
  const said = agreed.findLast(
    ({ fact }) => fact.type === 'TermsAgreed' && fact.data.effectiveFrom === inForce?.effectiveFrom,
  );
  return inForce && said ? { inForce, text: said.text } : null;
};

/**
 * Reads what the payouts of some assets' closed months rest on, and gathers it for each of them. Null where
 * there is nothing to share: the month was closed in another park, or the asset has neither terms nor shares.
 * The digest covers the canonical texts of the entries and their closing, of the terms in force and of the
 * register, and what was handed on; never positions, so that every store gives the same.
 */
export const payoutInputs = (
  { workspace, openings }: RegisterParts,
  tenant: Tenant,
  { park, period, currency }: Asked,
) => {
  const opening = openingOf(workspace, tenant);
  const readStream = readWhole(workspace.store);
  const readStreams = async (vehicle: VehicleId) => {
    const month = monthOfBook({ book: BookId.parse(vehicle), period });
    const [journal, agreed, changes] = await Promise.all([
      readStream(journalStream(tenant, month)),
      readStream(termsStream(tenant, vehicle)),
      readStream(registerStream(tenant, vehicle)),
    ]);
    if (isLeft(journal)) return journal;
    if (isLeft(agreed)) return agreed;
    if (isLeft(changes)) return changes;
    return right({
      vehicle,
      journal: journal.right,
      agreed: agreed.right.map(decoded),
      changes: changes.right.map(decoded),
    });
  };
  return {
    read: async (
      vehicles: readonly VehicleId[],
    ): Promise<Either<Unavailable, readonly ReadAsset[]>> => {
      const all: Omit<ReadAsset, 'opened'>[] = [];
      for (const asset of await Promise.all(vehicles.map(readStreams))) {
        if (isLeft(asset)) return asset;
        all.push(asset.right);
      }
      const sealed = all.flatMap(({ changes }) => changes.flatMap(({ fact }) => fact.sealed));
      const opened = await openings.read(tenant, sealed)();
      if (isLeft(opened)) return opened;
      return right(all.map((asset) => ({ ...asset, opened: opened.right })));
    },
    gather: async (
      asset: ReadAsset,
    ): Promise<Either<Unavailable | InputsRefusal, GatheredInputs | null>> => {
      const { vehicle, agreed, changes, opened } = asset;
      const journal = asset.journal.map(decoded);
      const closed = journal.find(({ fact }) => fact.type === 'AssetPeriodClosed')?.fact;
      if (!closed) return left({ code: 'EarlierPeriodOpen', period });
      if (closed.type !== 'AssetPeriodClosed' || closed.data.park !== park) return right(null);
      const entered = journal.flatMap(({ id, fact }) =>
        fact.type === 'EntryPosted' ? [{ event: id, entry: fact.data }] : [],
      );
      const terms = folded(termsOf(tenant, vehicle), agreed);
      const shares = folded(registerOf(tenant, vehicle), changes);
      const register = openedRegister(shares.changes, opened);
      const ruled = ruling(agreed, terms, period);
      if (ruled === null) {
        return register.length === 0 ? right(null) : left({ code: 'TermsMissing', vehicle });
      }
      const carried = await opening(vehicle, { park, period, terms });
      if (isLeft(carried)) return carried;
      const { shareDays } = shareDaysIn(register, period);
      const texts = [
        ...journal.map(({ text }) => text),
        ruled.text,
        ...changes.map(({ text }) => text),
        canonicalJson(carried.right),
      ];
      const { inForce } = ruled;
      const inputs: PayoutInputs = {
        ...{ vehicle, currency, inForce, entitled: shareDays, opening: carried.right },
        entries: entered.map(({ entry }) => entry),
        digest: digestOfTexts(texts),
      };
      return right({ inputs, entered, register });
    },
  };
};

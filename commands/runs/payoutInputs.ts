import { createHash } from 'node:crypto';
import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { openRegister, type RegisterParts } from '#commands/investors/register.ts';
import type { Unavailable } from '#commands/ports.ts';
import { readWhole } from '#commands/readHistory.ts';
import { decodeFact } from '#domain/events.ts';
import { type Entry, monthOfBook } from '#domain/finance/journal/events.ts';
import { lastDayOf, type Period } from '#domain/finance/period.ts';
import { type TermsState, termsAt, termsDecider } from '#domain/investors/agreement.ts';
import { type Register, shareDaysIn } from '#domain/investors/register.ts';
import { canonicalJson } from '#domain/kernel/canonical.ts';
import { type LedgerEvent, parseEvent } from '#domain/kernel/event.ts';
import { BookId, Digest, type ParkId, type Tenant, type VehicleId } from '#domain/kernel/ids.ts';
import type { Currency } from '#domain/kernel/money.ts';
import {
  journalStream,
  registerStream,
  type StreamName,
  termsStream,
} from '#domain/kernel/streams.ts';
import type { PayoutInputs } from '#domain/runs/payout.ts';
import { type OpeningRefusal, openingOf } from './openingOf.ts';

/** Why the payout of an asset cannot be reckoned. */
export type InputsRefusal =
  | OpeningRefusal
  | { readonly code: 'TermsMissing'; readonly vehicle: VehicleId };

/** An entry with the event that holds it, for whoever explains. */
export interface EnteredEvent {
  readonly event: LedgerEvent;
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

/** The digest of texts in their order, each told apart from the next by its length. */
const digestOfTexts = (texts: readonly string[]): Digest => {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(`${Buffer.byteLength(text)}:`).update(text);
  return Digest.parse(hash.digest('hex'));
};

interface Asked {
  readonly park: ParkId;
  readonly period: Period;
  readonly currency: Currency;
}

/**
 * Gathers what the payout of an asset's closed month rests on. Null where there is nothing to share: the
 * month was closed in another park, or the asset has neither terms nor shares. The digest covers the
 * canonical texts of the entries and their closing, of the terms in force and of the register, and what was
 * handed on; never positions, so that every store gives the same.
 */
export const gatherInputs = (
  parts: RegisterParts,
  tenant: Tenant,
  { park, period, currency }: Asked,
) => {
  const { workspace } = parts;
  const opening = openingOf(workspace, tenant);
  const read = async (stream: StreamName) => {
    const found = await readWhole(workspace.store)(stream);
    return isLeft(found)
      ? found
      : right(found.right.map(({ text }) => ({ text, event: parseEvent(text) })));
  };
  return async (
    vehicle: VehicleId,
  ): Promise<Either<Unavailable | InputsRefusal, GatheredInputs | null>> => {
    const book = BookId.parse(vehicle);
    const journal = await read(journalStream(tenant, monthOfBook({ book, period })));
    if (isLeft(journal)) return journal;
    const facts = journal.right.map(({ event }) => ({ event, fact: decodeFact(event) }));
    const closed = facts.find(({ fact }) => fact.type === 'AssetPeriodClosed');
    if (!closed) return left({ code: 'EarlierPeriodOpen', period });
    if (closed.fact.type !== 'AssetPeriodClosed' || closed.fact.data.park !== park)
      return right(null);
    const entered = facts.flatMap(({ event, fact }) =>
      fact.type === 'EntryPosted' ? [{ event, entry: fact.data }] : [],
    );

    const agreed = await read(termsStream(tenant, vehicle));
    if (isLeft(agreed)) return agreed;
    let terms: TermsState = termsDecider.initial;
    let ruling: string | null = null;
    for (const { event, text } of agreed.right) {
      const fact = decodeFact(event);
      if (fact.type !== 'TermsAgreed') continue;
      terms = termsDecider.evolve(terms, fact);
      if (termsAt(terms, lastDayOf(period))?.effectiveFrom === fact.data.effectiveFrom)
        ruling = text;
    }
    const inForce = termsAt(terms, lastDayOf(period));

    const opened = await openRegister(parts)(tenant, vehicle);
    if (isLeft(opened)) return opened;
    const { register } = opened.right;
    const changes = await read(registerStream(tenant, vehicle));
    if (isLeft(changes)) return changes;
    if (inForce === null || ruling === null) {
      return register.length === 0 ? right(null) : left({ code: 'TermsMissing', vehicle });
    }

    const carried = await opening(vehicle, { period, terms });
    if (isLeft(carried)) return carried;
    const { shareDays } = shareDaysIn(register, period);
    const texts = [
      ...journal.right.map(({ text }) => text),
      ruling,
      ...changes.right.map(({ text }) => text),
      canonicalJson(carried.right),
    ];
    const inputs: PayoutInputs = {
      ...{ vehicle, currency, inForce, entitled: shareDays, opening: carried.right },
      entries: entered.map(({ entry }) => entry),
      digest: digestOfTexts(texts),
    };
    return right({ inputs, entered, register });
  };
};

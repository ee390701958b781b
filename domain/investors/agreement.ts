import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { canonicalJson } from '#domain/kernel/canonical.ts';
import type { Decider } from '#domain/kernel/decider.ts';
import type { VehicleId } from '#domain/kernel/ids.ts';
import type { LocalDate, Moment } from '#domain/kernel/instant.ts';
import type { Currency } from '#domain/kernel/money.ts';
import { fact } from '#domain/kernel/registry.ts';
import { TermsAgreed, type TermsEvent } from './events.ts';
import { currenciesOf, type Terms } from './terms.ts';

/**
 * Agrees terms for an asset from a local day on, which may be past or to come; `currency` is the one that the
 * asset is reckoned in.
 */
export interface AgreeTerms {
  readonly type: 'AgreeTerms';
  readonly vehicle: VehicleId;
  readonly effectiveFrom: LocalDate;
  readonly terms: Terms;
  readonly currency: Currency;
  readonly when: Moment;
}

/** Why not: the terms name amounts of another currency than the asset's. */
export type TermsRefusal = { readonly code: 'ForeignCurrency'; readonly expected: Currency };

/** The terms of an asset, each under the day from which they hold. */
export type TermsState = ReadonlyMap<LocalDate, Terms>;

type Decision = Either<TermsRefusal, readonly TermsEvent[]>;

const decide = (command: AgreeTerms, state: TermsState): Decision => {
  const { vehicle, effectiveFrom, terms, currency, when } = command;
  if (currenciesOf(terms).some((named) => named !== currency)) {
    return left({ code: 'ForeignCurrency', expected: currency });
  }
  const held = state.get(effectiveFrom);
  const isSame = held !== undefined && canonicalJson(held) === canonicalJson(terms);
  return right(isSame ? [] : [fact(TermsAgreed, when, { vehicle, effectiveFrom, terms })]);
};

/**
 * The terms in force on a day, with the day they began; null before the first. Those of a month's last day
 * rule the whole month.
 */
export const termsAt = (
  state: TermsState,
  date: LocalDate,
): { readonly effectiveFrom: LocalDate; readonly terms: Terms } | null => {
  let inForce: { readonly effectiveFrom: LocalDate; readonly terms: Terms } | null = null;
  for (const [effectiveFrom, terms] of state) {
    if (effectiveFrom > date) continue;
    if (inForce === null || effectiveFrom > inForce.effectiveFrom) {
      inForce = { effectiveFrom, terms };
    }
  }
  return inForce;
};

/** What is agreed on sharing the result of an asset, by the days from which it holds. */
export const termsDecider: Decider<AgreeTerms, TermsEvent, TermsState, TermsRefusal> = {
  initial: new Map(),
  decide,
  evolve: (state, { data }) => new Map(state).set(data.effectiveFrom, data.terms),
};

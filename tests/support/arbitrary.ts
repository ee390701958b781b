import fc from 'fast-check';
import { isLeft } from 'fp-ts/lib/Either.js';
import { expect } from 'vitest';
import { decodeFact, type LedgerFact, ledgerEvents } from '#domain/events.ts';
import { type Decider, replay } from '#domain/kernel/decider.ts';
import { canonicalText, LedgerEvent, type PiiDigest } from '#domain/kernel/event.ts';
import { type Instant, instantOf, type Moment } from '#domain/kernel/instant.ts';
import { Currency, type Money } from '#domain/kernel/money.ts';
import { acme, digest, moment, uuid8 } from './samples.ts';

const FIRST_MS = Date.parse('2020-01-01T00:00:00.000Z');
const LAST_MS = Date.parse('2039-12-31T23:59:59.999Z');
const COMMANDS_MAX = 40;
/** With which the laws always meet the same commands, so that what was seen is no matter of luck. */
const KNOWN_SEED = 20_260_101;

/** An id of any kind whose schema takes a UUID of version 8. */
export const anyId = <Id>(schema: { readonly parse: (text: unknown) => Id }): fc.Arbitrary<Id> =>
  fc.uuid({ version: 8 }).map((text) => schema.parse(text));

/** One of the alternatives of a zod enumeration. */
export const anyOf = <Option extends string>(schema: {
  readonly options: readonly Option[];
}): fc.Arbitrary<Option> => fc.constantFrom(...schema.options);

/** An instant of the years 2020 to 2039. */
export const anyInstant: fc.Arbitrary<Instant> = fc
  .integer({ min: FIRST_MS, max: LAST_MS })
  .map(instantOf);

/** A moment in one of four zones: plain, with summer time, far east, and with odd minutes. */
export const anyMoment: fc.Arbitrary<Moment> = fc
  .tuple(anyInstant, fc.constantFrom('UTC', 'Europe/Berlin', 'Pacific/Auckland', 'Asia/Kathmandu'))
  .map(([at, zone]) => moment(at, zone));

/** Currencies with two, no and three decimals. */
const anyCurrency: fc.Arbitrary<Currency> = fc
  .constantFrom('EUR', 'TRY', 'JPY', 'TND')
  .map((code) => Currency.parse(code));

/** An amount of zero or more, with at most 15 digits, so that a thousand of them have a sum. */
export const anyMoney: fc.Arbitrary<Money> = fc
  .tuple(fc.bigInt({ min: 0n, max: 10n ** 15n - 1n }), anyCurrency)
  .map(([amount, currency]) => ({ amount: amount.toString(), currency }));

/** A word of a vocabulary. */
export const anyCode: fc.Arbitrary<string> = fc.stringMatching(/^[a-z][a-z0-9_]{0,47}$/);

/** A reference in somebody else's books. */
export const anyReference: fc.Arbitrary<string> = fc.stringMatching(
  /^[A-Za-z0-9][A-Za-z0-9._/-]{0,47}$/,
);

/** Digests of what lies in the vault; few different ones, so that they meet again. */
export const anyPii: fc.Arbitrary<readonly PiiDigest[]> = fc.array(
  fc.record({
    subject: fc.constant(uuid8(0x40)),
    class: fc.constantFrom('identity', 'contact', 'document'),
    digest: fc.integer({ min: 0, max: 5 }).map(digest),
  }),
  { maxLength: 3 },
);

/** The event in which a fact is stored, and the text of it: what only the envelope knows is made up. */
const storedText = (fact: LedgerFact): string => {
  const type = ledgerEvents.get(fact.type);
  if (!type) throw new Error(`no such event type: ${fact.type}`);
  const { at: occurredAt, zone, localDate } = fact.when;
  const text = canonicalText(
    LedgerEvent.parse({
      id: uuid8(1),
      type: type.type,
      schema: type.schema,
      tenant: acme,
      stream: `fine-${acme}.${uuid8(2)}`,
      occurredAt,
      zone,
      localDate,
      actor: { kind: 'system', id: uuid8(3), role: 'reactor' },
      commandId: uuid8(4),
      contentHash: digest(5),
      correlationId: uuid8(4),
      causationId: null,
      keys: type.subjects(fact.data),
      data: fact.data,
      pii: fact.pii,
      sealed: fact.sealed,
    }),
  );
  if (isLeft(text)) throw new Error(`${fact.type} cannot be stored: ${text.left.code}`);
  return text.right;
};

/** A fact after it was stored as canonical text, read back and parsed again. */
const storedAndRead = (fact: LedgerFact): LedgerFact =>
  decodeFact(LedgerEvent.parse(JSON.parse(storedText(fact))));

/** What a run of the laws came across: types of events and codes of refusals, each in alphabetical order. */
export interface Seen {
  readonly events: readonly string[];
  readonly refusals: readonly string[];
}

/**
 * Holds a decider to its laws under arbitrary commands, one after another: it is total; a command that was
 * carried out writes nothing when it comes again, except those named in `repeats`; events fold in any order;
 * and the history survives being stored. Once with commands that are the same each time, then with others.
 * Answers what was seen among the former: a test can insist on having seen it all.
 */
export const holdToLaws = <
  Command extends { readonly type: string },
  Event extends LedgerFact,
  State,
  Refusal extends { readonly code: string },
>(
  decider: Decider<Command, Event, State, Refusal>,
  anyCommand: fc.Arbitrary<Command>,
  repeats: readonly Command['type'][] = [],
): Seen => {
  const events = new Set<string>();
  const refusals = new Set<string>();
  const obey = (command: Command, history: Event[]): void => {
    const decision = decider.decide(command, replay(decider, history));
    if (isLeft(decision)) {
      refusals.add(decision.left.code);
      return;
    }
    history.push(...decision.right);
    for (const { type } of decision.right) events.add(type);
    if (repeats.includes(command.type)) return;
    const again = decider.decide(command, replay(decider, history));
    expect(isLeft(again) ? again.left : again.right).toEqual([]);
  };
  const lawful = fc.property(
    fc.array(anyCommand, { maxLength: COMMANDS_MAX, size: 'max' }),
    (commands) => {
      const history: Event[] = [];
      for (const command of commands) obey(command, history);
      expect(history.map(storedAndRead)).toEqual(history);
      replay(decider, history.toReversed());
    },
  );
  fc.assert(lawful, { numRuns: 300, seed: KNOWN_SEED });
  const seen = { events: [...events].sort(), refusals: [...refusals].sort() };
  fc.assert(lawful, { numRuns: 100 });
  return seen;
};

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PartyCommand, partyDecider } from '#domain/investors/party.ts';
import {
  PartyBankAccountChanged,
  PartyKind,
  PartyRegistered,
  PartyUserLinked,
  partyEvents,
} from '#domain/investors/partyEvents.ts';
import { PiiClass, type PiiDigest } from '#domain/kernel/event.ts';
import { ActorId } from '#domain/kernel/ids.ts';
import { fact } from '#domain/kernel/registry.ts';
import { SubjectErased } from '#domain/privacy/events.ts';
import { anyMoment, anyOf, holdToLaws } from '#tests/support/arbitrary.ts';
import { digest, evening, instant, morning, noon, owner, uuid8 } from '#tests/support/samples.ts';
import { spec } from '#tests/support/spec.ts';

const { given } = spec(partyDecider);

const party = owner;
const user = ActorId.parse(uuid8(0x90));
const other = ActorId.parse(uuid8(0x91));
const kept = (kind: PiiDigest['class'], n: number): PiiDigest => ({
  subject: party,
  class: kind,
  digest: digest(n),
});
const pii = [kept('identity', 1), kept('contact', 2), kept('bank_account', 3)];
const another = [kept('bank_account', 4)];

const register: PartyCommand = {
  type: 'RegisterParty',
  party,
  kind: 'investor',
  pii,
  when: morning,
};
const change: PartyCommand = { type: 'ChangeBankAccount', party, pii: another, when: noon };
const link: PartyCommand = { type: 'LinkPartyUser', party, user, when: noon };
const until = instant('2036-03-04T08:00:00.000Z');
const erase: PartyCommand = {
  type: 'EraseParty',
  party,
  erased: ['identity', 'contact'],
  held: [{ class: 'bank_account', until }],
  when: evening,
};
const registered = fact(PartyRegistered, morning, { party, kind: 'investor' }, pii);
const changed = fact(PartyBankAccountChanged, noon, { party }, another);
const linked = fact(PartyUserLinked, noon, { party, user });
const erased = fact(SubjectErased, evening, {
  subject: { kind: 'party', id: party },
  erased: ['identity', 'contact'],
  held: [{ class: 'bank_account', until }],
});

describe('a party', () => {
  it('becomes known once, as what it is', () => {
    given().when(register).yields(registered);
    given(registered).when(register).yields();
    given(registered)
      .when({ ...register, kind: 'supplier' })
      .refuses('PartyAlreadyRegistered');
  });

  it('has one bank account, the newest', () => {
    given(registered).when(change).yields(changed);
    given(registered, changed).when(change).yields();
    // Back to the first one is a change, too.
    const back: PartyCommand = { ...change, pii: [kept('bank_account', 3)] };
    given(registered, changed)
      .when(back)
      .yields({ ...changed, pii: back.pii });
    given().when(change).refuses('PartyUnknown');
  });

  it('is one user at a time', () => {
    given(registered).when(link).yields(linked);
    given(registered, linked).when(link).yields();
    const relinked = fact(PartyUserLinked, noon, { party, user: other });
    given(registered, linked)
      .when({ ...link, user: other })
      .yields(relinked);
    given().when(link).refuses('PartyUnknown');
  });

  it('is erased once, and known no better afterwards', () => {
    given(registered).when(erase).yields(erased);
    given(registered, erased).when(erase).yields();
    given(registered, erased).when(change).refuses('PartyErased');
    given(registered, erased).when(link).refuses('PartyErased');
    given().when(erase).refuses('PartyUnknown');
    expect(SubjectErased.subjects(erased.data)).toEqual([`party:${party}`]);
  });

  it('is held to the laws', () => {
    const asked = { party: fc.constant(party), when: anyMoment };
    const anyPii = fc.array(
      fc
        .tuple(fc.constantFrom<PiiDigest['class']>('identity', 'bank_account'), fc.nat(5))
        .map(([kind, n]) => kept(kind, n)),
      { maxLength: 3 },
    );
    // What is changed is the account and nothing else: so says the only use case there is.
    const anyAccount = fc.nat(5).map((n) => [kept('bank_account', n)]);
    const anyClass = anyOf(PiiClass);
    const anyCommand: fc.Arbitrary<PartyCommand> = fc.oneof(
      fc.record({
        type: fc.constant('RegisterParty'),
        ...asked,
        kind: anyOf(PartyKind),
        pii: anyPii,
      }),
      fc.record({ type: fc.constant('ChangeBankAccount'), ...asked, pii: anyAccount }),
      fc.record({
        type: fc.constant('LinkPartyUser'),
        ...asked,
        user: fc.constantFrom(user, other),
      }),
      fc.record({
        type: fc.constant('EraseParty'),
        ...asked,
        erased: fc.array(anyClass, { maxLength: 5 }),
        held: fc.uniqueArray(fc.record({ class: anyClass, until: fc.constant(until) }), {
          selector: (held) => held.class,
        }),
      }),
    );
    const types = [...partyEvents, SubjectErased].map(({ type }) => type);
    expect(holdToLaws(partyDecider, anyCommand)).toEqual({
      events: types.sort(),
      refusals: ['PartyAlreadyRegistered', 'PartyErased', 'PartyUnknown'],
    });
  });
});

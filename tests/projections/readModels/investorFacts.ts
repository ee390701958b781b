import type { LedgerFact } from '#domain/events.ts';
import {
  PartyBankAccountChanged,
  PartyRegistered,
  PartyUserLinked,
} from '#domain/investors/partyEvents.ts';
import {
  SharesIssued,
  SharesRedeemed,
  SharesTransferred,
} from '#domain/investors/registerEvents.ts';
import { ActorId, HoldingId } from '#domain/kernel/ids.ts';
import type { Moment } from '#domain/kernel/instant.ts';
import { fact } from '#domain/kernel/registry.ts';
import { SubjectErased } from '#domain/privacy/events.ts';
import { day, digest, morning, owner, uuid8, van } from '#tests/support/samples.ts';

const account = { subject: owner, class: 'bank_account', digest: digest(3) } as const;
const [first, second] = [HoldingId.parse(uuid8(0x701)), HoldingId.parse(uuid8(0x702))];
const change = { vehicle: van, effectiveFrom: day('2026-03-01'), issued: 900, token: null };
const user = ActorId.parse(uuid8(0x90));

/** Without a party nothing could have been said of it. */
export const partyRegistered: LedgerFact = fact(
  PartyRegistered,
  morning,
  { party: owner, kind: 'investor' },
  [account],
);

/** What may come of a party, and of shares of the van, in any order. */
export const investorFactsAt = (when: Moment, other: Moment): readonly LedgerFact[] => [
  fact(PartyBankAccountChanged, when, { party: owner }, [account]),
  fact(PartyUserLinked, when, { party: owner, user }),
  fact(SubjectErased, when, {
    subject: { kind: 'party', id: owner },
    erased: ['identity'],
    held: [{ class: 'bank_account', until: other.at }],
  }),
  {
    ...fact(SharesIssued, when, { ...change, holdings: [first], shares: 900 }),
    sealed: [digest(11)],
  },
  {
    ...fact(SharesTransferred, when, { ...change, holdings: [first, second] }),
    sealed: [digest(12), digest(13)],
  },
  {
    ...fact(SharesRedeemed, when, { ...change, holdings: [second], shares: 100 }),
    sealed: [digest(14)],
  },
];

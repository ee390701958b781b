import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  registerEvents,
  SharesIssued,
  SharesRedeemed,
  SharesTransferred,
} from '#domain/investors/registerEvents.ts';
import { type RecordShares, sharesDecider } from '#domain/investors/shares.ts';
import { HoldingId } from '#domain/kernel/ids.ts';
import { fact } from '#domain/kernel/registry.ts';
import { anyMoment, holdToLaws } from '#tests/support/arbitrary.ts';
import { day, digest, morning, uuid8, van } from '#tests/support/samples.ts';
import { spec } from '#tests/support/spec.ts';

const { given } = spec(sharesDecider);

const [first, second] = [HoldingId.parse(uuid8(0x701)), HoldingId.parse(uuid8(0x702))];
const token = { chain: 'example', contract: '0x00', tokenId: '7' };
const issue: RecordShares = {
  type: 'RecordShares',
  kind: 'issue',
  vehicle: van,
  effectiveFrom: day('2026-01-01'),
  shares: 1_000,
  issued: 1_000,
  holdings: [first],
  sealed: [digest(1)],
  token,
  seen: 0,
  when: morning,
};
const hand: RecordShares = {
  ...issue,
  kind: 'transfer',
  shares: 0,
  holdings: [first, second],
  sealed: [digest(2), digest(3)],
  token: null,
  seen: 1,
};
const redeem: RecordShares = {
  ...issue,
  kind: 'redeem',
  shares: 200,
  issued: 800,
  sealed: [digest(4)],
  seen: 2,
};
const about = { vehicle: van, effectiveFrom: issue.effectiveFrom };
const issued = {
  ...fact(SharesIssued, morning, {
    ...about,
    holdings: [first],
    issued: 1_000,
    token,
    shares: 1_000,
  }),
  sealed: [digest(1)],
};
const handed = {
  ...fact(SharesTransferred, morning, {
    ...about,
    holdings: [first, second],
    issued: 1_000,
    token: null,
  }),
  sealed: [digest(2), digest(3)],
};
const redeemed = {
  ...fact(SharesRedeemed, morning, {
    ...about,
    holdings: [first],
    issued: 800,
    token,
    shares: 200,
  }),
  sealed: [digest(4)],
};

describe('a share register as everybody may know it', () => {
  it('holds how many shares there are, and digests of all else', () => {
    given().when(issue).yields(issued);
    given(issued).when(hand).yields(handed);
    given(issued, handed).when(redeem).yields(redeemed);
    expect(Object.keys(handed.data)).not.toContain('shares');
    expect(SharesTransferred.subjects(handed.data)).toEqual([
      `asset:${van}`,
      `holding:${first}`,
      `holding:${second}`,
    ]);
  });

  it('takes no change that was decided on less, or more, than is there', () => {
    given(issued, handed)
      .when({ ...redeem, seen: 1 })
      .refuses('RegisterMovedOn');
    given(issued).when(redeem).refuses('RegisterMovedOn');
  });

  it('takes the same change once', () => {
    given(issued, handed).when(hand).yields();
  });

  it('is held to the laws', () => {
    const anyCommand: fc.Arbitrary<RecordShares> = fc.record({
      type: fc.constant('RecordShares'),
      kind: fc.constantFrom('issue', 'transfer', 'redeem'),
      vehicle: fc.constant(van),
      effectiveFrom: fc.constantFrom(day('2026-01-01'), day('2024-02-29')),
      shares: fc.integer({ min: 1, max: 1_000 }),
      issued: fc.nat(10_000),
      holdings: fc.constantFrom([first], [first, second]),
      sealed: fc.array(fc.nat(5).map(digest), { minLength: 1, maxLength: 2 }),
      token: fc.constantFrom(null, token),
      seen: fc.nat(4),
      when: anyMoment,
    });
    expect(holdToLaws(sharesDecider, anyCommand)).toEqual({
      events: registerEvents.map(({ type }) => type).sort(),
      refusals: ['RegisterMovedOn'],
    });
  });
});

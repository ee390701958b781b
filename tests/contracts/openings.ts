import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import type { Openings } from '#commands/ports.ts';
import { PartyId } from '#domain/kernel/ids.ts';
import { digest, uuid8 } from '#tests/support/samples.ts';
import { randomEvent, randomTenant, rightOf } from './vaultHarness.ts';

const [ada, ben] = [PartyId.parse(uuid8(0x31)), PartyId.parse(uuid8(0x32))];
const ofAda = { holding: uuid8(0x70), party: ada, shares: -100, balance: 400 };
const ofBen = { holding: uuid8(0x71), party: ben, shares: 100, balance: 100 };
const line = { holding: uuid8(0x70), share_days: '15000', amount: '25248' };

/** What every place for openings has to do. */
export const openingsContract = (open: () => Openings): void => {
  it('keeps entries under digests that nobody can guess, in their order', async () => {
    const [tenant, event, other] = [randomTenant(), randomEvent(), randomEvent()];
    const kept = [
      { event, entry: ofAda },
      { event, entry: ofBen },
      { event: other, entry: ofAda },
    ];
    const digests = rightOf(await open().keep(tenant, kept)());
    expect(new Set(digests).size).toBe(3);
    const bare = createHash('sha256').update(JSON.stringify(ofAda)).digest('hex');
    expect(digests).not.toContain(bare);
    const read = rightOf(await open().read(tenant, [...digests, digest(1)])());
    expect(read.size).toBe(3);
    expect(digests.map((each) => read.get(each))).toEqual([ofAda, ofBen, ofAda]);
  });

  it('gives the same digests to the same entries of an event again, and new ones to others', async () => {
    const [tenant, event] = [randomTenant(), randomEvent()];
    const first = rightOf(await open().keep(tenant, [{ event, entry: ofAda }])());
    const decidedAnew = { ...ofAda, balance: 300 };
    const later = rightOf(
      await open().keep(tenant, [
        { event, entry: decidedAnew },
        { event, entry: { balance: 400, shares: -100, party: ada, holding: ofAda.holding } },
      ])(),
    );
    expect(later[1]).toBe(first[0]);
    expect(later[0]).not.toBe(first[0]);
    const read = rightOf(await open().read(tenant, later)());
    expect(later.map((each) => read.get(each))).toEqual([decidedAnew, ofAda]);
  });

  it('finds what speaks of a party, each tenant its own', async () => {
    const [tenant, other, event] = [randomTenant(), randomTenant(), randomEvent()];
    const entries = [ofAda, ofBen, line].map((entry) => ({ event, entry }));
    const [first = digest(1)] = rightOf(await open().keep(tenant, entries)());
    rightOf(await open().keep(other, [{ event, entry: { ...ofAda, shares: 7 } }])());
    expect(rightOf(await open().ofParty(tenant, ada)())).toEqual(new Map([[first, ofAda]]));
    expect(rightOf(await open().read(other, [first])()).size).toBe(0);
    expect(rightOf(await open().ofParty(randomTenant(), ada)()).size).toBe(0);
  });

  it('keeps nothing of nothing', async () => {
    expect(rightOf(await open().keep(randomTenant(), [])())).toEqual([]);
    expect(rightOf(await open().read(randomTenant(), [])()).size).toBe(0);
  });
};

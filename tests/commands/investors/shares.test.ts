import { isLeft, left } from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { memoryEventStore, memoryLog } from '#adapters/memoryEventStore.ts';
import { memoryOpenings } from '#adapters/memoryOpenings.ts';
import { eraseSubject } from '#commands/eraseSubject.ts';
import { registerParty } from '#commands/investors/parties.ts';
import { holdingOf, openRegister } from '#commands/investors/register.ts';
import { changeShares, type ShareChange, type SharesOf } from '#commands/investors/shares.ts';
import type { Openings } from '#commands/ports.ts';
import { holdingsOn, issuedOn } from '#domain/investors/register.ts';
import { PartyId, VehicleId } from '#domain/kernel/ids.ts';
import {
  allEvents,
  requestOf,
  rightOf,
  smallFleet,
  springMorning,
  testLedger,
} from '#tests/support/ledger.ts';
import { acme, day, izmir, uuid8 } from '#tests/support/samples.ts';

const SPRING = day('2026-03-01');
const details = { identity: { name: 'A' }, contact: {}, account: null };

/** A vehicle of three investors, none of whom has a share yet; `others` are processes on the same log. */
const scene = async (changed: Partial<Openings> = {}) => {
  const store = memoryEventStore(memoryLog());
  const { ledger } = testLedger(store);
  const openings = { ...memoryOpenings(), ...changed };
  const parts = { workspace: ledger, openings };
  const { vehicle } = await smallFleet(ledger);
  const party = async (): Promise<PartyId> => {
    const asked = { kind: 'investor', details, at: springMorning } as const;
    return rightOf(await registerParty(ledger)(requestOf(asked), asked)).id;
  };
  const [ada, ben, cid] = [await party(), await party(), await party()];
  const change = (of: SharesOf, more: Partial<ShareChange> = {}): ShareChange => ({
    vehicle,
    of,
    effectiveFrom: SPRING,
    token: null,
    at: springMorning,
    ...more,
  });
  const ask = (of: SharesOf, key?: string, more?: Partial<ShareChange>) =>
    changeShares(parts)(requestOf('content', key), change(of, more));
  const held = async (date = SPRING) => {
    const { register } = rightOf(await openRegister(parts)(acme, vehicle));
    const holders = [...holdingsOn(register, date).values()];
    return {
      issued: issuedOn(register, date),
      ...Object.fromEntries(holders.map((holder) => [holder.party, holder.shares])),
    };
  };
  return { store, ledger, openings, parts, vehicle, ada, ben, cid, ask, held };
};

const founding = ({ ada, ben, cid }: Record<'ada' | 'ben' | 'cid', PartyId>): SharesOf => ({
  kind: 'issue',
  to: [
    { party: ada, shares: 500 },
    { party: ben, shares: 300 },
    { party: cid, shares: 200 },
  ],
});

describe('shares of an asset', () => {
  it('are issued, handed over and redeemed, from a day on', async () => {
    const here = await scene();
    const { ada, ben, cid, ask, held } = here;
    rightOf(await ask(founding(here)));
    rightOf(await ask({ kind: 'transfer', from: ben, to: cid, shares: 100 }));
    const april = { effectiveFrom: day('2026-04-01') };
    rightOf(await ask({ kind: 'redeem', from: [{ party: ada, shares: 500 }] }, undefined, april));
    expect(await held()).toEqual({ issued: 1_000, [ada]: 500, [ben]: 200, [cid]: 300 });
    expect(await held(day('2026-04-01'))).toEqual({ issued: 500, [ben]: 200, [cid]: 300 });
  });

  it('leave no trace in the log of who holds how many', async () => {
    const here = await scene();
    rightOf(await here.ask(founding(here)));
    const { ben, cid } = here;
    rightOf(await here.ask({ kind: 'transfer', from: ben, to: cid, shares: 123 }));
    const events = (await allEvents(here.store)).filter(({ type }) => type.startsWith('Shares'));
    expect(events.map(({ sealed }) => sealed.length)).toEqual([3, 2]);
    // All that is there but for ids and digests, which could hold any digits by chance.
    const told = JSON.stringify(events).replaceAll(/"[0-9a-z:.-]{36,}"/g, '""');
    for (const shares of ['500', '300', '200', '123', '177', '323'])
      expect(told).not.toContain(shares);
    for (const party of [here.ada, ben, cid]) expect(JSON.stringify(events)).not.toContain(party);
    const { tenant, vehicle } = { tenant: acme, vehicle: here.vehicle };
    const holding = holdingOf(here.ledger)(tenant, vehicle, ben);
    expect(events[1]?.keys).toContain(`holding:${holding}`);
    // Under the same key for the same party and asset, and under another for another asset.
    const other = VehicleId.parse(uuid8(0x99));
    expect(holdingOf(here.ledger)(tenant, other, ben)).not.toBe(holding);
    // What a request said is told by no digest that could be found by trying.
    const [issued] = events;
    expect(issued?.contentHash).not.toBe(requestOf('content').origin.content);
  });

  it('are refused where they cannot be', async () => {
    const here = await scene();
    const { ada, ben, ask } = here;
    const nobody = PartyId.parse(uuid8(0x39));
    expect(await ask({ kind: 'issue', to: [{ party: nobody, shares: 1 }] })).toEqual(
      left({ code: 'PartyUnknown', party: nobody }),
    );
    expect(await ask({ kind: 'transfer', from: ada, to: ben, shares: 1 })).toMatchObject({
      left: { code: 'SharesNotIssued' },
    });
    rightOf(await ask(founding(here)));
    expect(await ask({ kind: 'transfer', from: ben, to: ada, shares: 301 })).toMatchObject({
      left: { code: 'HoldingTooSmall', available: 300 },
    });
  });

  it('are written once, however often the same is asked', async () => {
    const here = await scene();
    const { ben, cid, ask, held } = here;
    rightOf(await ask(founding(here)));
    const all = { kind: 'transfer', from: ben, to: cid, shares: 300 } as const;
    const first = rightOf(await ask(all, 'key'));
    const again = rightOf(await ask(all, 'key'));
    expect([again.revision, again.events]).toEqual([first.revision, []]);
    expect(await held()).toMatchObject({ [cid]: 500 });
    const other = await ask({ ...all, shares: 1 }, 'key');
    expect(other).toEqual(left({ code: 'IdempotencyKeyReused' }));
  });

  it('go to one of two that want the same ones at once, in two processes', async () => {
    const here = await scene();
    const { ada, ben, cid } = here;
    rightOf(await here.ask(founding(here)));
    const other = { workspace: testLedger(here.store).ledger, openings: here.openings };
    const of = (to: PartyId): SharesOf => ({ kind: 'transfer', from: ben, to, shares: 300 });
    const change = (to: PartyId): ShareChange => ({
      vehicle: here.vehicle,
      of: of(to),
      effectiveFrom: SPRING,
      token: null,
      at: springMorning,
    });
    const both = await Promise.all([
      changeShares(here.parts)(requestOf('a'), change(ada)),
      changeShares(other)(requestOf('b'), change(cid)),
    ]);
    expect(both.filter(isLeft)).toMatchObject([
      { left: { code: 'HoldingTooSmall', available: 0 } },
    ]);
    expect(await here.held()).toMatchObject({ issued: 1_000 });
  });

  it('are all issued, whoever asks at the same time', async () => {
    const here = await scene();
    const { ada, ben, cid } = here;
    const other = { workspace: testLedger(here.store).ledger, openings: here.openings };
    const asked = [ada, ben, cid, ada, ben, cid].map((party, n) => {
      const of: SharesOf = { kind: 'issue', to: [{ party, shares: 10 }] };
      const change = {
        vehicle: here.vehicle,
        of,
        effectiveFrom: SPRING,
        token: null,
        at: springMorning,
      };
      return changeShares(n % 2 === 0 ? here.parts : other)(requestOf(n), change);
    });
    for (const outcome of await Promise.all(asked)) rightOf(outcome);
    expect(await here.held()).toEqual({ issued: 60, [ada]: 20, [ben]: 20, [cid]: 20 });
    const issued = (await allEvents(here.store)).flatMap(({ type, data }) =>
      type === 'SharesIssued' ? [data['issued']] : [],
    );
    expect(issued).toEqual([10, 20, 30, 40, 50, 60]);
  });

  it('wait for where the openings lie, and change nothing before', async () => {
    const away = left({ code: 'Unavailable', detail: 'away' } as const);
    const here = await scene({ keep: () => async () => away });
    const before = (await allEvents(here.store)).length;
    expect(await here.ask(founding(here))).toEqual(away);
    expect((await allEvents(here.store)).length).toBe(before);
  });

  it('are given to nobody unknown or erased, nor by anybody outside the park', async () => {
    const here = await scene();
    const { ada, ben, ask, ledger, parts, vehicle } = here;
    rightOf(await ask(founding(here)));
    const erased = { subject: { kind: 'party', id: ben } as const, at: springMorning };
    rightOf(await eraseSubject(ledger)(requestOf('erase'), erased));
    const to = { kind: 'transfer', from: ada, to: ben, shares: 1 } as const;
    expect(await ask(to)).toEqual(left({ code: 'PartyErased', party: ben }));
    // What they hold they may still give away.
    rightOf(await ask({ ...to, from: ben, to: ada }));
    const outside = requestOf('x', undefined, [izmir]);
    const change = { vehicle, of: to, effectiveFrom: SPRING, token: null, at: springMorning };
    const refused = await changeShares(parts)(outside, change);
    expect(refused).toEqual(left({ code: 'VehicleUnknown', vehicle }));
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AccountEvent,
  DriverCharged,
  DriverPaymentReceived,
  FareShareCredited,
} from '#domain/driverAccounts/events.ts';
import { Period } from '#domain/finance/period.ts';
import { ChargeId } from '#domain/kernel/ids.ts';
import { fact } from '#domain/kernel/registry.ts';
import { accountAtEnd, settlementOf } from '#domain/runs/lines/settlement.ts';
import {
  ann,
  berlin,
  digest,
  euro,
  izmir,
  moment,
  money,
  rentalOfAnn,
  uuid8,
  van,
} from '#tests/support/samples.ts';

const january = Period.parse('2026-01');
const february = Period.parse('2026-02');
const of = { park: berlin, period: january, currency: euro };
const concerning = { driver: ann, park: berlin, vehicle: van, rental: rentalOfAnn };
const on = (date: string) => moment(`${date}T12:00:00.000Z`);
const free = { plan: 'STD', planVersion: 1 };

const share = (date: string, minor: string, park = berlin): AccountEvent =>
  fact(FareShareCredited, on(date), {
    ...{ ...concerning, park, transaction: `F-${date}-${minor}`, ...free },
    ...{ gross: money('999999'), driverShare: money(minor) },
  });
const charge = (date: string, minor: string): AccountEvent =>
  fact(DriverCharged, on(date), {
    ...{
      ...concerning,
      charge: ChargeId.parse(uuid8(1)),
      kind: 'day',
      quantity_milli: 1_000,
      ...free,
    },
    span: { from: on(date).at, to: on(date).at },
    ...{ net: money(minor), tax: money('0'), total: money(minor) },
  });
const payment = (date: string, minor: string): AccountEvent =>
  fact(DriverPaymentReceived, on(date), {
    ...{ ...concerning, transaction: `P-${date}`, amount: money(minor), via: 'bank' },
  });

const settled = (entries: readonly AccountEvent[], before = 0n, period = january) => {
  const account = accountAtEnd(entries, { ...of, period });
  return settlementOf(account, { driver: ann, inputs: digest(1), before });
};

describe('a settlement with a driver', () => {
  it('pays the shares of the month, and sets off what was owed at its end', () => {
    const entries = [share('2026-01-05', '8000'), charge('2026-01-10', '2975')];
    expect(settled(entries)).toMatchObject({
      ...{ shares: '8000', owed: '2975', offset: '2975', amount: '5025', entries: 2 },
    });
  });

  it('sets off no more than there is, and nothing that was paid meanwhile', () => {
    const poor = [share('2026-01-05', '1000'), charge('2026-01-10', '2975')];
    expect(settled(poor)).toMatchObject({ offset: '1000', amount: '0' });
    const paid = [...poor, payment('2026-02-02', '2500')];
    expect(settled(paid)).toMatchObject({ owed: '475', offset: '475', amount: '525' });
    const ahead = [...poor, payment('2026-02-02', '9000')];
    expect(settled(ahead)).toMatchObject({ owed: '-6025', offset: '0', amount: '1000' });
  });

  it('leaves to the next month what is owed since, and what another park credits', () => {
    const entries = [
      share('2026-01-05', '8000'),
      share('2026-01-06', '500', izmir),
      share('2026-02-03', '700'),
      charge('2026-02-10', '2975'),
    ];
    expect(settled(entries)).toMatchObject({ shares: '8000', offset: '0', amount: '8000' });
    expect(settled(entries, 8000n, february)).toMatchObject({
      ...{ shares: '8700', before: '8000', offset: '700', amount: '0' },
    });
  });

  it('has nothing to say where nothing is left', () => {
    expect(settled([])).toBeNull();
    expect(settled([charge('2026-01-10', '2975')])).toBeNull();
    expect(settled([share('2026-01-05', '8000')], 8000n)).toBeNull();
  });

  it('settles each share once over the months, however late it comes to be known', () => {
    const days = ['2026-01-05', '2026-01-31', '2026-02-01', '2026-02-28'];
    const anyShare = fc.record({
      day: fc.constantFrom(...days),
      minor: fc.integer({ min: 1, max: 90_000 }),
    });
    fc.assert(
      fc.property(fc.array(anyShare), fc.array(anyShare), (early, late) => {
        const told = (all: typeof early) => all.map(({ day, minor }) => share(day, String(minor)));
        const first = settled(told(early));
        const paid = BigInt(first?.amount ?? 0);
        const second = settled([...told(early), ...told(late)], paid, february);
        const all = [...early, ...late].reduce((sum, { minor }) => sum + BigInt(minor), 0n);
        expect(paid + BigInt(second?.amount ?? 0)).toBe(all);
      }),
    );
  });
});

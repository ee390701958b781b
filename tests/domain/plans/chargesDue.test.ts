import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { epochMs, instantOf, Zone } from '#domain/kernel/instant.ts';
import { minorUnits } from '#domain/kernel/money.ts';
import { type ChargeableRental, chargesDue } from '#domain/plans/chargesDue.ts';
import type { PlanVersion } from '#domain/plans/terms.ts';
import { instant, money } from '#tests/support/samples.ts';
import { daysFrom, version } from './samples.ts';

const utc = Zone.parse('UTC');
const at = (text: string) => instant(`2026-03-${text}:00.000Z`);
const rentalOf = (from: string, to: string | null): ChargeableRental => ({
  from: at(from),
  to: to === null ? null : at(to),
  zone: utc,
  voided: false,
});
const still = new Array<number>(20).fill(0);
const days = daysFrom(2, still);
const daily = [version(1, '2026-03-01')];
const weekly = { time: { per: 'week', amount: money('15000') } };

const told = (
  rental: ChargeableRental,
  versions: readonly PlanVersion[],
  until: string,
  of = days,
): string[] =>
  chargesDue(rental, versions, of, at(until)).map(
    ({ kind, span, total, when, planVersion }) =>
      `${kind} ${span.from.slice(8, 16)} to ${span.to.slice(8, 16)} ${total.amount} on ${when.localDate.slice(8)} v${planVersion}`,
  );

describe('a price by the day', () => {
  it('is owed for every local day that has begun, in advance', () => {
    expect(told(rentalOf('02T18:00', null), daily, '03T00:00')).toEqual([
      'day 02T18:00 to 03T00:00 2975 on 02 v1',
      'day 03T00:00 to 04T00:00 2975 on 03 v1',
    ]);
  });
  it('is without tax, which is added and rounded once', () => {
    const [due] = chargesDue(rentalOf('02T18:00', null), daily, days, at('02T18:00'));
    expect(due).toMatchObject({
      net: money('2500'),
      tax: money('475'),
      total: money('2975'),
      quantity_milli: 1_000,
    });
  });
  it('counts the day of the return, and not the one that only touches it', () => {
    expect(told(rentalOf('02T18:00', '03T09:00'), daily, '20T00:00')).toHaveLength(2);
    expect(told(rentalOf('02T18:00', '03T00:00'), daily, '20T00:00')).toHaveLength(1);
    expect(told(rentalOf('02T18:00', '02T18:00'), daily, '20T00:00')).toEqual([]);
  });
  it('begins with the plan, and changes on the day of its next version', () => {
    const dearer = { time: { per: 'day', amount: money('3000') } };
    const versions = [version(1, '2026-03-03'), version(2, '2026-03-04', dearer)];
    expect(told(rentalOf('02T18:00', '05T00:00'), versions, '20T00:00')).toEqual([
      'day 03T00:00 to 04T00:00 2975 on 03 v1',
      'day 04T00:00 to 05T00:00 3570 on 04 v2',
    ]);
  });
  it('is owed by nobody where there is no plan, or no rental', () => {
    expect(told(rentalOf('02T18:00', null), [], '20T00:00')).toEqual([]);
    const voided = { ...rentalOf('02T18:00', null), voided: true };
    expect(told(voided, daily, '20T00:00')).toEqual([]);
  });
});

describe('a price by the week or shift', () => {
  it('counts weeks of seven local days from the first day, each in full', () => {
    const versions = [version(1, '2026-03-01', weekly)];
    expect(told(rentalOf('02T18:00', '09T01:00'), versions, '20T00:00')).toEqual([
      'week 02T18:00 to 09T00:00 17850 on 02 v1',
      'week 09T00:00 to 16T00:00 17850 on 09 v1',
    ]);
  });
  it('lets a week that has begun run out before another version counts', () => {
    const versions = [version(1, '2026-03-01', weekly), version(2, '2026-03-05')];
    expect(told(rentalOf('02T18:00', '10T00:00'), versions, '20T00:00')).toEqual([
      'week 02T18:00 to 09T00:00 17850 on 02 v1',
      'day 09T00:00 to 10T00:00 2975 on 09 v2',
    ]);
  });
  it('counts shifts from the moment the vehicle was taken, over midnight', () => {
    const shift = { time: { per: 'shift', hours: 12, amount: money('1000') } };
    expect(
      told(rentalOf('02T18:00', '03T07:00'), [version(1, '2026-03-01', shift)], '20T00:00'),
    ).toEqual([
      'shift 02T18:00 to 03T06:00 1190 on 02 v1',
      'shift 03T06:00 to 03T18:00 1190 on 03 v1',
    ]);
  });
});

describe('a price by distance', () => {
  const perKilometre = { time: null, distance: { kilometres: 1, amount: money('25') } };
  it('is owed for the trips that ended on a day, once the day is over', () => {
    const driven = daysFrom(2, [12_345, 0, 1_000]);
    const versions = [version(1, '2026-03-01', perKilometre)];
    const rental = rentalOf('02T18:00', '04T09:00');
    expect(told(rental, versions, '04T23:59', driven)).toEqual([
      'kilometres 02T00:00 to 03T00:00 368 on 02 v1',
    ]);
    expect(told(rental, versions, '05T00:00', driven)).toEqual([
      'kilometres 02T00:00 to 03T00:00 368 on 02 v1',
      'kilometres 04T00:00 to 05T00:00 30 on 04 v1',
    ]);
    const [due] = chargesDue(rental, versions, driven, at('03T00:00'));
    // 12.345 km at 0.25 are 3.08625, and 19 % of 3.09 are 0.5871.
    expect(due).toMatchObject({ quantity_milli: 12_345, net: money('309'), tax: money('59') });
  });
  it('may be a fraction of a cent, and halves go up', () => {
    const cheap = { time: null, distance: { kilometres: 100, amount: money('850') }, taxRate: '0' };
    const versions = [version(1, '2026-03-01', cheap)];
    const driven = daysFrom(2, [1_000]);
    expect(told(rentalOf('02T18:00', null), versions, '03T00:00', driven)).toEqual([
      'kilometres 02T00:00 to 03T00:00 9 on 02 v1',
    ]);
  });
});

describe('what is due', () => {
  const anyHours = fc.integer({ min: 0, max: 19 * 24 });
  const anyPrice = fc.constantFrom<object>(
    {},
    weekly,
    { time: { per: 'shift', hours: 7, amount: money('333') } },
    { distance: { kilometres: 1, amount: money('7') } },
  );
  const hoursOn = (hours: number) => instantOf(epochMs(at('02T00:00')) + hours * 3_600_000);

  it('only grows with time while nothing else becomes known, and leaves no gap in a rental', () => {
    fc.assert(
      fc.property(anyHours, anyHours, anyHours, anyPrice, anyPrice, (a, b, c, one, other) => {
        const [from, middle, until] = [a, b, c].sort((x, y) => x - y).map(hoursOn);
        if (!from || !middle || !until) throw new Error('three hours');
        const versions = [version(1, '2026-03-01', one), version(2, '2026-03-09', other)];
        const rental = { from, to: null, zone: utc, voided: false };
        const driven = daysFrom(
          2,
          still.concat(still.slice(0, 8)).map((_, n) => n * 977),
        );
        const soon = chargesDue(rental, versions, driven, middle);
        const late = chargesDue(rental, versions, driven, until);
        for (const due of soon) expect(late).toContainEqual(due);
        for (const { net, tax, total } of late) {
          expect(minorUnits(net) + minorUnits(tax)).toBe(minorUnits(total));
        }
        const times = late.filter(({ kind }) => kind !== 'kilometres');
        expect(times[0]?.span.from).toBe(from);
        times.forEach(({ span }, n) => {
          expect(times[n + 1]?.span.from ?? span.to).toBe(span.to);
        });
        expect((times.at(-1)?.span.to ?? from) > until).toBe(true);
      }),
    );
  });
});

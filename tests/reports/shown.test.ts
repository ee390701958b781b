import { describe, expect, it } from 'vitest';
import { Period } from '#domain/finance/period.ts';
import { barChart } from '#reports/barChart.ts';
import {
  shownAmount,
  shownCount,
  shownDay,
  shownInstant,
  shownKm,
  shownMoney,
  shownPeriod,
  shownShare,
} from '#reports/shown.ts';
import { day, instant, money } from '#tests/support/samples.ts';

describe('values for people', () => {
  it.each([
    [shownMoney(money('123456789')), '1,234,567.89 EUR'],
    [shownMoney(money('-5')), '−0.05 EUR'],
    [shownAmount(money('-100000')), '−1,000.00'],
    [shownAmount(money('1234', 'JPY')), '1,234'],
    [shownAmount(money('1234', 'TND')), '1.234'],
    [shownCount(1_234_567n), '1,234,567'],
    [shownCount(-12_345), '−12,345'],
    [shownKm(1_234_567), '1,234.6'],
    [shownKm(49), '0.0'],
    [shownShare(0.614), '61 %'],
    [shownShare(null), '–'],
    [shownPeriod(Period.parse('2026-12')), 'December 2026'],
    [shownDay(day('2026-01-05')), '5 January 2026'],
    [shownInstant(instant('2026-03-02T08:04:59.999Z')), '2026-03-02 08:04 UTC'],
  ])('%s', (shown, expected) => {
    expect(shown).toBe(expected);
  });
});

describe('a chart', () => {
  const chart = (values: readonly number[], change: Partial<Parameters<typeof barChart>[0]> = {}) =>
    barChart({
      ...{ width: 452, height: 136, labels: values.map(String) },
      series: [{ name: 'A', colour: '#123456', values }],
      shown: (value) => `v${value}`,
      ...change,
    });
  const bars = (svg: string) =>
    [...svg.matchAll(/<rect [^>]*y="([\d.]+)" width="[\d.]+" height="([\d.]+)" fill="#123456"/g)]
      .slice(0, -1)
      .map(([, y, height]) => [Number(y), Number(height)]);
  const ticks = (svg: string) => [...svg.matchAll(/>v(-?\d+(?:\.\d+)?)</g)].map(([, each]) => each);

  it('draws values from zero, on a scale of round steps', () => {
    const svg = chart([0, 50, 100, 25]);
    expect(ticks(svg)).toEqual(['0', '20', '40', '60', '80', '100']);
    expect(bars(svg)).toEqual([
      [118, 0],
      [68, 50],
      [18, 100],
      [93, 25],
    ]);
  });

  it('draws what is below zero downwards', () => {
    const svg = chart([100, -100]);
    expect(ticks(svg)).toEqual(['-100', '-50', '0', '50', '100']);
    expect(bars(svg)).toEqual([
      [18, 50],
      [68, 50],
    ]);
  });

  it('has a scale even for nothing', () => {
    expect(ticks(chart([0, 0]))).toEqual(['0', '1']);
    expect(ticks(chart([]))).toEqual(['0', '1']);
    expect(ticks(chart([0.2]))).toEqual(['0', '1']);
  });

  it('lets no label become markup', () => {
    const svg = chart([1], { labels: ['</svg><script>"&'] });
    expect(svg).toContain('&lt;/svg>&lt;script>&quot;&amp;');
  });
});

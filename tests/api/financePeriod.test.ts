import { describe, expect, it } from 'vitest';
import { daySpanOf, spanBefore } from '#api/financePeriod.ts';
import { day } from '#tests/support/samples.ts';

const today = day('2026-03-01');

describe('a period by its name', () => {
  it.each([
    ['2025', '2025-01-01', '2025-12-31'],
    ['2025-Q2', '2025-04-01', '2025-06-30'],
    ['2025-Q4', '2025-10-01', '2025-12-31'],
    ['2024-02', '2024-02-01', '2024-02-29'],
    ['today', '2026-03-01', '2026-03-01'],
    ['yesterday', '2026-02-28', '2026-02-28'],
    ['2025-06-14', '2025-06-14', '2025-06-14'],
    ['2025-06-01..2025-06-14', '2025-06-01', '2025-06-14'],
  ])('%s is from %s to %s', (name, from, to) => {
    expect(daySpanOf(name, today)).toEqual({ from, to });
  });
  it.each([
    '2025-Q5',
    '2025-13',
    '2025-02-30',
    '2025-06-14..2025-06-01',
    '2020-01-01..2025-01-01',
    '',
  ])('%s is none', (name) => expect(daySpanOf(name, today)).toBeNull());
  it.each([
    ['2026-02', '2026-01-01', '2026-01-31'],
    ['2025-Q1', '2024-10-01', '2024-12-31'],
    ['2025', '2024-01-01', '2024-12-31'],
    ['2026-03-02..2026-03-08', '2026-02-23', '2026-03-01'],
    ['2026-03-01', '2026-02-28', '2026-02-28'],
  ])('%s is compared with %s to %s', (name, from, to) => {
    const span = daySpanOf(name, today);
    expect(span && spanBefore(span)).toEqual({ from, to });
  });
});

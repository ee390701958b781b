import { decimalText } from '#domain/finance/decimal.ts';
import type { Period } from '#domain/finance/period.ts';
import type { Instant, LocalDate } from '#domain/kernel/instant.ts';
import type { Money } from '#domain/kernel/money.ts';

const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September'],
  ...['October', 'November', 'December'],
];
const MINUS = '−';

const monthName = (yyyymm: string): string => MONTHS[Number(yyyymm.slice(5, 7)) - 1] ?? yyyymm;

const grouped = (digits: string): string => digits.replaceAll(/\B(?=(?:\d{3})+$)/g, ',');

/** A whole number for people: `12,345`. */
export const shownCount = (count: number | bigint): string =>
  grouped(String(count)).replace('-', MINUS);

/** An amount for people, without its currency: `−1,234.56`. */
export const shownAmount = (money: Money): string => {
  const [units = '', fraction] = decimalText(money).split('.');
  const whole = grouped(units.replace('-', ''));
  const sign = units.startsWith('-') ? MINUS : '';
  return `${sign}${whole}${fraction === undefined ? '' : `.${fraction}`}`;
};

/** An amount for people: `1,234.56 EUR`. */
export const shownMoney = (money: Money): string => `${shownAmount(money)} ${money.currency}`;

/** A distance for people in kilometres with one decimal: `12.3`. */
export const shownKm = (distance_m: number): string => {
  const [units = '', fraction = '0'] = (distance_m / 1_000).toFixed(1).split('.');
  return `${grouped(units)}.${fraction}`;
};

/** A share for people: `61 %`; a dash where nobody knows. */
export const shownShare = (share: number | null): string =>
  share === null ? '–' : `${Math.round(share * 100)} %`;

/** A month for people: `March 2026`. */
export const shownPeriod = (period: Period): string => `${monthName(period)} ${period.slice(0, 4)}`;

/** A day for people: `2 March 2026`. */
export const shownDay = (date: LocalDate): string =>
  `${Number(date.slice(8))} ${monthName(date)} ${date.slice(0, 4)}`;

/** A moment for people: `2026-03-02 08:00 UTC`. */
export const shownInstant = (at: Instant): string => `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`;

import { type Currency, decimalsOf, Money } from '#domain/kernel/money.ts';

const DECIMAL = /^(-?)(\d{1,18})(?:\.(\d{1,18}))?$/;

/**
 * An amount in units of its currency, with all their decimals: `123.45` for 12345 cents, `-0.05` for -5.
 */
export const decimalText = ({ amount, currency }: Money): string => {
  const decimals = decimalsOf(currency);
  const sign = amount.startsWith('-') ? '-' : '';
  const digits = amount.slice(sign.length).padStart(decimals + 1, '0');
  if (decimals === 0) return `${sign}${digits}`;
  return `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
};

/**
 * The money that a decimal says, in units of the currency. Null where it is no decimal, is finer than the
 * currency's minor unit, or larger than any amount.
 */
export const moneyOfDecimal = (text: string, currency: Currency): Money | null => {
  const [, sign = '', units = '', fraction = ''] = DECIMAL.exec(text) ?? [];
  const decimals = decimalsOf(currency);
  const isTooFine = /[1-9]/.test(fraction.slice(decimals));
  if (units === '' || isTooFine) return null;
  const minor_units = BigInt(`${units}${fraction.slice(0, decimals).padEnd(decimals, '0')}`);
  const amount = String(sign === '-' ? -minor_units : minor_units);
  return Money.safeParse({ amount, currency }).data ?? null;
};

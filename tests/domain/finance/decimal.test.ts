import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimalText, moneyOfDecimal } from '#domain/finance/decimal.ts';
import { Currency } from '#domain/kernel/money.ts';
import { anyMoney } from '#tests/support/arbitrary.ts';
import { euro, money } from '#tests/support/samples.ts';

describe('an amount as a decimal', () => {
  it.each([
    ['12345', 'EUR', '123.45'],
    ['5', 'EUR', '0.05'],
    ['0', 'EUR', '0.00'],
    ['-5', 'EUR', '-0.05'],
    ['-12345', 'EUR', '-123.45'],
    ['12345', 'JPY', '12345'],
    ['5', 'TND', '0.005'],
  ])('%s %s is %s', (amount, currency, text) => {
    expect(decimalText(money(amount, currency))).toBe(text);
  });

  it('is read back', () => {
    fc.assert(
      fc.property(anyMoney, fc.boolean(), ({ amount, currency }, isBelow) => {
        const some = money(isBelow && amount !== '0' ? `-${amount}` : amount, currency);
        expect(moneyOfDecimal(decimalText(some), currency)).toEqual(some);
      }),
    );
  });

  it('may have fewer decimals, or more that say nothing', () => {
    expect(moneyOfDecimal('1', euro)).toEqual(money('100'));
    expect(moneyOfDecimal('1.5', euro)).toEqual(money('150'));
    expect(moneyOfDecimal('1.50000', euro)).toEqual(money('150'));
    expect(moneyOfDecimal('-0.00', euro)).toEqual(money('0'));
    expect(moneyOfDecimal('7.0', Currency.parse('JPY'))).toEqual(money('7', 'JPY'));
  });

  it.each(['', '.5', '1.', '1,5', '1e3', '1.005', '--1', '+1', ' 1', '1'.repeat(18)])(
    'is not "%s"',
    (text) => {
      expect(moneyOfDecimal(text, euro)).toBeNull();
    },
  );
});

import fc from 'fast-check';
import { isRight, left, right } from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { Bic, Iban, ibanOf } from '#domain/finance/iban.ts';
import { anyIban } from '#tests/support/bank.ts';

describe('an account number', () => {
  // The examples that the registry itself prints, of nobody's account.
  it.each([
    ['DE89 3704 0044 0532 0130 00', 'DE89370400440532013000'],
    ['gb29 nwbk 6016 1331 9268 19', 'GB29NWBK60161331926819'],
    ['FR14 2004 1010 0505 0001 3M02 606', 'FR1420041010050500013M02606'],
    ['NO93 8601 1117 947', 'NO9386011117947'],
    ['MT84 MALT 0110 0001 2345 MTLC AST0 01S', 'MT84MALT011000012345MTLCAST001S'],
    ['TR33 0006 1005 1978 6457 8413 26', 'TR330006100519786457841326'],
  ])('is read from %s', (written, read) => {
    expect(ibanOf(written)).toEqual(right(read));
  });

  it.each([
    ['', 'IbanMalformed'],
    ['DE8937040044053201300O.', 'IbanMalformed'],
    ['1289370400440532013000', 'IbanMalformed'],
    ['DE8937040044053201300', 'IbanLengthWrong'],
    ['DE893704004405320130000', 'IbanLengthWrong'],
    ['QQ12345678', 'IbanLengthWrong'],
    [`QQ12${'1'.repeat(31)}`, 'IbanLengthWrong'],
    ['DE88370400440532013000', 'IbanChecksumWrong'],
    ['DE89370400440532013001', 'IbanChecksumWrong'],
  ])('is not read from "%s"', (written, code) => {
    expect(ibanOf(written)).toEqual(left({ code }));
    expect(Iban.safeParse(written).success).toBe(false);
  });

  it('is no other with one character changed, or two neighbours exchanged', () => {
    fc.assert(
      fc.property(anyIban, fc.nat({ max: 17 }), fc.nat({ max: 9 }), (iban, n, digit) => {
        const place = 4 + n;
        const changed = `${iban.slice(0, place)}${digit}${iban.slice(place + 1)}`;
        expect(isRight(ibanOf(changed))).toBe(changed === iban);
        const [one, two] = [iban.charAt(place - 1), iban.charAt(place)];
        const swapped = `${iban.slice(0, place - 1)}${two}${one}${iban.slice(place + 1)}`;
        expect(isRight(ibanOf(swapped))).toBe(swapped === iban);
      }),
    );
  });

  it('has no check digits that are never given out', () => {
    // Both leave the remainder 1, but check digits go from 02 to 98.
    const all = Array.from({ length: 100 }, (_, n) => `DE${String(n).padStart(2, '0')}`);
    fc.assert(
      fc.property(anyIban, (iban) => {
        const good = all.filter((head) => isRight(ibanOf(`${head}${iban.slice(4)}`)));
        expect(good).toEqual([iban.slice(0, 4)]);
      }),
      { numRuns: 20 },
    );
  });
});

describe('the code of a bank', () => {
  it('has eight or eleven characters', () => {
    for (const good of ['DEUTDEFF', 'DEUTDEFF500', 'N26XDEB1']) {
      expect(Bic.safeParse(good).success).toBe(true);
    }
    for (const bad of ['DEUTDEF', 'DEUTDEFF5', 'DEUT1EFF', 'deutdeff', 'DEUTDEFF5000']) {
      expect(Bic.safeParse(bad).success).toBe(false);
    }
  });
});

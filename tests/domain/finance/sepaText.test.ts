import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sepaText } from '#domain/finance/sepaText.ts';

describe('a text for a bank', () => {
  it.each([
    ['Zoë Müller-Łukasiewicz', 'Zoe Muller-Lukasiewicz'],
    ['Straße & Söhne "Nord"', "Strasse + Sohne 'Nord'"],
    ['İpek Çağlar', 'Ipek Caglar'],
    ['Payout 2026-03 — 50 % (run #7)', 'Payout 2026-03 - 50 . (run .7)'],
    ['  two  blanks\tand a tab ', 'two blanks and a tab'],
    ['//a//b/', 'a/b'],
    ['a<b>', 'a.b.'],
    ['Ωmega', null],
    ['محمد', null],
    ['\u0007', null],
  ])('%j is %j', (text, plain) => {
    expect(sepaText(text)).toBe(plain);
  });

  it('has no other characters, and is its own plain text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const plain = sepaText(text);
        if (plain === null) return;
        expect(plain).toMatch(/^[A-Za-z0-9/?:().,'+ -]*$/);
        expect(plain).not.toMatch(/\/\/|^\/|\/$/);
        expect(sepaText(plain)).toBe(plain);
      }),
    );
  });
});

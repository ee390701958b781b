import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '#domain/kernel/canonical.ts';
import {
  digestOf,
  digestText,
  entryText,
  shareOf,
  storedEntry,
  withShares,
} from '#projections/digest.ts';

const anyRow = fc.record({
  tenant: fc.constantFrom('acme', 'globex'),
  key: fc.string({ maxLength: 5, unit: 'grapheme' }),
  row: fc.dictionary(
    fc.string({ maxLength: 3 }),
    fc.oneof(fc.integer(), fc.string(), fc.boolean()),
  ),
});

const shareOfRow = ({ tenant, key, row }: { tenant: string; key: string; row: unknown }) =>
  shareOf(entryText({ tenant, key, row: canonicalJson(row) }));

describe('the digest of a table', () => {
  it('adds up SHA-256 over JCS({tenant, key, row})', () => {
    const row = { tenant: 'acme', key: 'k"1', row: { b: 1, a: 'ü' } };
    const text = '{"key":"k\\"1","row":{"a":"ü","b":1},"tenant":"acme"}';
    expect(entryText({ ...row, row: canonicalJson(row.row) })).toBe(text);
    expect(canonicalJson(row)).toBe(text);
    const hash = createHash('sha256').update(text).digest('hex');
    expect(digestText(withShares(0n, { removed: 0n, added: shareOfRow(row) }))).toBe(hash);
  });

  it('does not depend on the order, and forgets what was taken out', () => {
    fc.assert(
      fc.property(
        fc.array(anyRow, { maxLength: 12 }),
        fc.array(anyRow, { maxLength: 12 }),
        (rows, gone) => {
          const straight = rows.reduce(
            (sum, row) => withShares(sum, { removed: 0n, added: shareOfRow(row) }),
            0n,
          );
          const detour = [...gone, ...rows.toReversed()].reduce(
            (sum, row) => withShares(sum, { removed: 0n, added: shareOfRow(row) }),
            0n,
          );
          const back = gone.reduce(
            (sum, row) => withShares(sum, { removed: shareOfRow(row), added: 0n }),
            detour,
          );
          expect(back).toBe(straight);
          expect(digestOf(digestText(straight))).toBe(straight);
        },
      ),
    );
  });

  it('reads a row the way the database spells it', () => {
    const stored = { tenant: 'acme', key: 'k', row: '{"b": 1.50, "a": [1, {"d": null, "c": 2}]}' };
    const row = canonicalJson({ a: [1, { c: 2, d: null }], b: 1.5 });
    expect(storedEntry(stored)).toBe(entryText({ ...stored, row }));
  });
});

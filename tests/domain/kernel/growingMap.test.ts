import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyMap, type GrowingMap, heldAt, withEntries } from '#domain/kernel/growingMap.ts';

const KEYS = 12;
const anyGroups = fc.array(fc.array(fc.tuple(fc.nat(KEYS), fc.nat()), { maxLength: 5 }));

describe('a growing map', () => {
  it('holds in every version what a map would hold then', () => {
    fc.assert(
      fc.property(anyGroups, (groups) => {
        const versions: { growing: GrowingMap<number, number>; plain: Map<number, number> }[] = [];
        let growing: GrowingMap<number, number> = emptyMap;
        let plain = new Map<number, number>();
        for (const group of groups) {
          growing = withEntries(growing, group);
          plain = new Map([...plain, ...group]);
          versions.push({ growing, plain });
        }
        for (const version of versions) {
          expect(version.growing.size).toBe(version.plain.size);
          for (let key = 0; key <= KEYS; key += 1)
            expect(heldAt(version.growing, key)).toBe(version.plain.get(key));
        }
      }),
    );
  });

  it('does not copy all of it for one entry more', () => {
    let growing: GrowingMap<number, number> = emptyMap;
    for (let key = 0; key < 1_000; key += 1) growing = withEntries(growing, [[key, key]]);
    const more = withEntries(growing, [[1_000, 1_000]]);
    expect(more.layers.length).toBeLessThanOrEqual(10);
    expect(more.layers.at(-1)).toBe(growing.layers.at(-1));
  });
});

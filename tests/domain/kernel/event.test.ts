import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isLeft, isRight } from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { decodeFact, ledgerEvents } from '#domain/events.ts';
import { canonicalText, EVENT_MAX_BYTES, LedgerEvent, parseEvent } from '#domain/kernel/event.ts';
import { KEY_MAX_BYTES, KEYS_MAX } from '#domain/kernel/subjects.ts';

const fixture = (name: string): string =>
  readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8').trimEnd();

const parkOpened = parseEvent(fixture('ParkOpened.1.event.txt'));

const withData = (data: Record<string, unknown>) => canonicalText({ ...parkOpened, data });

describe('the text of an event', () => {
  it('is its canonical JSON, to the byte', () => {
    const text = canonicalText(parkOpened);
    expect(isRight(text) && text.right).toBe(fixture('ParkOpened.1.event.txt'));
  });

  it('is at most 48 KiB long, counted in UTF-8', () => {
    const empty = withData({ note: '' });
    if (isLeft(empty)) throw new Error('the empty event fits');
    const room = EVENT_MAX_BYTES - Buffer.byteLength(empty.right);
    expect(isRight(withData({ note: 'a'.repeat(room) }))).toBe(true);
    expect(withData({ note: 'a'.repeat(room + 1) })).toMatchObject({
      left: { code: 'EventTooLarge', bytes: EVENT_MAX_BYTES + 1 },
    });
    const euros = Math.floor(room / 3);
    expect(isRight(withData({ note: '€'.repeat(euros) }))).toBe(true);
    expect(isLeft(withData({ note: '€'.repeat(euros + 1) }))).toBe(true);
  });

  it('has at most 64 keys of at most 100 bytes', () => {
    const key = `asset:${'a'.repeat(KEY_MAX_BYTES - 6)}`;
    const many = (count: number, text: string) =>
      LedgerEvent.safeParse({ ...parkOpened, keys: Array.from({ length: count }, () => text) });
    expect(many(KEYS_MAX, key).success).toBe(true);
    expect(many(KEYS_MAX + 1, key).success).toBe(false);
    expect(many(1, `${key}a`).success).toBe(false);
    expect(many(0, key).success).toBe(false);
  });

  it('says nothing that is no JSON', () => {
    for (const value of [1n, undefined, Number.NaN, '\ud800']) {
      expect(withData({ value })).toMatchObject({ left: { code: 'EventMalformed' } });
    }
  });

  it('keeps whole numbers beyond 2^53 as strings', () => {
    const text = withData({ amount: '9007199254740993' });
    if (isLeft(text)) throw new Error('it fits');
    expect(parseEvent(text.right).data).toEqual({ amount: '9007199254740993' });
  });
});

describe('stored events', () => {
  it('of an old version are lifted to the present one', () => {
    const stored = parseEvent(fixture('FineIssued.1.event.txt'));
    expect(stored.schema).toBe(1);
    expect(stored.data).not.toHaveProperty('points');
    const fact = decodeFact(stored);
    expect(fact).toMatchObject({ type: 'FineIssued', data: { points: 0, offence: 'red_light' } });
  });

  it.each([
    { name: 'TripRecorded', added: { evidence: null } },
    {
      name: 'IncidentRecorded',
      added: {
        ...{ manoeuvre: null, peak_cmps2: null, distance_m: null, fence: null },
        evidence: null,
      },
    },
    { name: 'TripAmended', added: { startedAt: null, evidence: null } },
  ])('of $name@1 say what was not told yet as null', ({ name, added }) => {
    const stored = parseEvent(fixture(`${name}.1.event.txt`));
    expect(stored.schema).toBe(1);
    expect(decodeFact(stored).data).toEqual({ ...stored.data, ...added });
  });

  it('of a type or version nobody knows are not guessed at', () => {
    expect(() => decodeFact({ ...parkOpened, type: 'ParkPainted' })).toThrow(/unknown type/);
    expect(() => decodeFact({ ...parkOpened, schema: 2 })).toThrow(/unknown type/);
    expect(() => decodeFact({ ...parkOpened, data: {} })).toThrow(/does not parse/);
    expect(() => parseEvent('{}')).toThrow(/does not parse/);
  });

  it('can be lifted from every version before the present one', () => {
    expect(ledgerEvents.size).toBeGreaterThan(40);
    for (const { type, schema, upcasts } of ledgerEvents.values()) {
      const lifts = Array.from({ length: schema - 1 }, (_, index) => typeof upcasts[index + 1]);
      expect([type, ...lifts]).toEqual([type, ...lifts.map(() => 'function')]);
    }
  });
});

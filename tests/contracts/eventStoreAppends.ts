import { expect, it } from 'vitest';
import { APPEND_EVENTS_MAX, type AppendRequest, type EventStore } from '#commands/ports.ts';
import type { LedgerEvent } from '#domain/kernel/event.ts';
import type { StreamName } from '#domain/kernel/streams.ts';
import type { EventStoreHarness } from './eventStoreHarness.ts';
import {
  anEvent,
  events,
  forged,
  idsOf,
  leftOf,
  randomStream,
  randomTenant,
  rightOf,
  textOf,
  wholeStream,
} from './eventStoreSamples.ts';

const nowhere: StreamName = JSON.parse('""');

/** Requests that must be refused before a client library sees them, with the refusal's code. */
const unfit = (): readonly (readonly [string, AppendRequest, string])[] => {
  const stream = randomStream(randomTenant());
  const one = anEvent(stream);
  const large = anEvent(stream, { note: 'x'.repeat(48 * 1024) });
  const heavy = () => anEvent(stream, { note: 'x'.repeat(40 * 1024) });
  const to = (list: readonly LedgerEvent[]): AppendRequest => ({
    stream,
    expected: 'no_stream',
    events: list,
  });
  return [
    ['an event of more than 48 KiB', to([large]), 'EventTooLarge'],
    ['events of more than 900 KiB', to(Array.from({ length: 24 }, heavy)), 'EventTooLarge'],
    ['too many events', to(events(stream, APPEND_EVENTS_MAX + 1)), 'EventMalformed'],
    ['no event', to([]), 'EventMalformed'],
    ['an id that is empty', to([forged(one, { id: '' })]), 'EventMalformed'],
    ['an id that is no UUID', to([forged(one, { id: 'seventeen' })]), 'EventMalformed'],
    ['an id in capitals', to([forged(one, { id: one.id.toUpperCase() })]), 'EventMalformed'],
    ['an id twice', to([one, one]), 'EventMalformed'],
    ['an empty type', to([forged(one, { type: '' })]), 'EventMalformed'],
    ['a lone surrogate', to([anEvent(stream, { note: '\ud800' })]), 'EventMalformed'],
    ['a bigint', to([{ ...one, data: { count: 1n } }]), 'EventMalformed'],
    ['a stream without a name', { ...to([one]), stream: nowhere }, 'EventMalformed'],
    ['an event of another stream', to([anEvent(randomStream(randomTenant()))]), 'EventMalformed'],
    ['a negative revision', { ...to([one]), expected: -1n }, 'EventMalformed'],
  ];
};

/** What an append is, and when it is the same one again. */
export const appendContract = (harness: () => EventStoreHarness, store: () => EventStore): void => {
  it('appends to a new stream and behind its last event', async () => {
    const stream = randomStream(randomTenant());
    const [first, second, third] = [anEvent(stream), anEvent(stream), anEvent(stream)];
    const one = { stream, expected: 'no_stream', events: [first, second] } as const;
    const begun = rightOf(await store().append(one)());
    expect(begun.revision).toBe(1n);
    const two = { stream, expected: 1n, events: [third] };
    const done = rightOf(await store().append(two)());
    expect(done.revision).toBe(2n);
    expect(done.position).toBeGreaterThan(begun.position);
    const recorded = await wholeStream(store(), stream);
    expect(recorded.map(({ text }) => text)).toEqual([first, second, third].map(textOf));
    expect(recorded.map(({ revision }) => revision)).toEqual([0n, 1n, 2n]);
    expect([recorded[1]?.position, recorded[2]?.position]).toEqual([begun.position, done.position]);
    expect(recorded[0]).toMatchObject({ stream, type: 'TripEnded' });
    expect(Math.abs((recorded[0]?.rawTime_ms ?? 0) - Date.now())).toBeLessThan(60_000);
  });

  it('refuses a revision the stream does not have, and tells the one it has', async () => {
    const stream = randomStream(randomTenant());
    const at = (expected: 'no_stream' | bigint) => ({
      stream,
      expected,
      events: events(stream, 2),
    });
    const none = { code: 'Conflict', actual: null };
    expect(leftOf(await store().append(at(0n))())).toEqual(none);
    expect(leftOf(await store().append(at(2n ** 53n + 1n))())).toEqual(none);
    rightOf(await store().append(at('no_stream'))());
    for (const expected of ['no_stream', 0n, 2n, 7n] as const) {
      const refusal = leftOf(await store().append(at(expected))());
      expect(refusal).toEqual({ code: 'Conflict', actual: 1n });
    }
    expect(await wholeStream(store(), stream)).toHaveLength(2);
  });

  it('gives the same append the first result, also when the stream is further on', async () => {
    const stream = randomStream(randomTenant());
    const begin = { stream, expected: 'no_stream', events: events(stream, 3) } as const;
    const goOn = { stream, expected: 2n, events: events(stream, 2) };
    const begun = rightOf(await store().append(begin)());
    expect(rightOf(await store().append(begin)())).toEqual(begun);
    const done = rightOf(await store().append(goOn)());
    for (let turn = 0; turn < 3; turn += 1) {
      expect(rightOf(await store().append(begin)())).toEqual(begun);
      expect(rightOf(await store().append(goOn)())).toEqual(done);
    }
    expect(await wholeStream(store(), stream)).toHaveLength(5);
  });

  it('takes a part of an append, or more than it, for what lies there', async () => {
    const stream = randomStream(randomTenant());
    const [one, two, three] = [anEvent(stream), anEvent(stream), anEvent(stream)];
    const at = (expected: 'no_stream' | bigint, ...list: (typeof one)[]) =>
      store().append({ stream, expected, events: list })();
    rightOf(await at('no_stream', one, two));
    expect(rightOf(await at('no_stream', one)).revision).toBe(0n);
    expect(rightOf(await at(0n, two)).revision).toBe(1n);
    const conflict = { code: 'Conflict', actual: 1n };
    expect(leftOf(await at('no_stream', one, two, three))).toEqual(conflict);
    expect(leftOf(await at(0n, two, three))).toEqual(conflict);
    expect(leftOf(await at('no_stream', one, three))).toEqual(conflict);
    expect(leftOf(await at('no_stream', three, two))).toEqual(conflict);
    expect(leftOf(await at('no_stream', two, one))).toEqual(conflict);
    rightOf(await at(1n, anEvent(stream)));
    expect(leftOf(await at('no_stream', one, two, three))).toMatchObject({ actual: 2n });
    expect(await wholeStream(store(), stream)).toHaveLength(3);
  });

  it('takes the same ids at a newer revision for a new append', async () => {
    const stream = randomStream(randomTenant());
    const list = events(stream, 2);
    const first = rightOf(await store().append({ stream, expected: 'no_stream', events: list })());
    const second = rightOf(await store().append({ stream, expected: 1n, events: list })());
    expect(second.revision).toBe(3n);
    expect(second.position).toBeGreaterThan(first.position);
    const ids = list.map(({ id }) => id);
    expect(idsOf(await wholeStream(store(), stream))).toEqual([...ids, ...ids]);
  });

  it('refuses what a store could choke on before a byte is sent', async () => {
    const fresh = harness().open();
    const before = harness().traffic();
    for (const [what, request, code] of unfit()) {
      expect([what, leftOf(await fresh.append(request)()).code]).toEqual([what, code]);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(harness().traffic()?.sent).toBe(before?.sent);
    const stream = randomStream(randomTenant());
    const whole = { stream, expected: 'no_stream', events: events(stream, 500) } as const;
    expect(rightOf(await fresh.append(whole)()).revision).toBe(499n);
    await fresh.close();
  });

  it('keeps every text byte for byte', async () => {
    const stream = randomStream(randomTenant());
    const list = [
      anEvent(stream, {
        count: '9007199254740993',
        huge: '170141183460469231731687303715884105727',
      }),
      anEvent(stream, { number: 9007199254740991, tiny: 5e-324, large: 1.7976931348623157e308 }),
      anEvent(stream, { number: -0, half: 0.1, exponent: 1e21, below: 1e-7 }),
      anEvent(stream, { text: 'ş𝄞 \u2028\u2029\u007f\u0000\t\\"/<>&\u00e9e\u0301', '': null }),
      anEvent(stream, { '10': 'b', '9': 'a', Z: 1, a: 2, é: 3, '𝄞': 4, '\uff61': 5, __proto: 6 }),
      anEvent(stream, { list: [[], {}, [null, true, { '2': 1, '1': 2 }]], $type: 'x' }),
      anEvent(stream, { note: '€'.repeat(15_000) }),
      forged(anEvent(stream), { causationId: anEvent(stream).id }),
    ];
    rightOf(await store().append({ stream, expected: 'no_stream', events: list })());
    const recorded = await wholeStream(store(), stream);
    expect(recorded.map(({ text }) => text)).toEqual(list.map(textOf));
  });
};

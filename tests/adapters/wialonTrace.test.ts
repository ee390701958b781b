import { describe, expect, it } from 'vitest';
import type { WialonMessage } from '#adapters/wialonAnswers.ts';
import { type Traced, traceOf } from '#adapters/wialonTrace.ts';
import { epochMs, instantOf } from '#domain/kernel/instant.ts';
import { instant } from '#tests/support/samples.ts';

const since = instant('2026-03-02T08:00:05.400Z');
const since_ms = epochMs(since);
const second = Math.floor(since_ms / 1_000);
const to = { unit: '7', output: 2, blocksWhenOn: true };
const USER = 17;

const command = (at_s: number, executed_s: number | null, changed = {}): WialonMessage => ({
  ...{ kind: 'command', at_s, type: 'block_engine', user: USER, executed_s },
  ...changed,
});
const data = (at_s: number, outputs: number | null, text: string | null = null): WialonMessage => ({
  ...{ kind: 'data', at_s, outputs, text },
});
const trace = (messages: readonly WialonMessage[], changed: Partial<Traced> = {}, unit = to) => {
  const order = { action: 'block', sent_ms: since_ms, until_ms: since_ms + 3_200 } as const;
  const traced: Traced = {
    ...{ messages, order, connected: true, user: USER, ahead_ms: 0, now_ms: since_ms + 1_000 },
    ...changed,
  };
  return traceOf(traced, { to: unit, action: 'block', since });
};
const later = { now_ms: since_ms + 3_200 };

describe('the record of an order', () => {
  it('is that it waits until its time is over, whatever says that it was not carried out', () => {
    const given_up = command(second, null);
    expect(trace([]).record.kind).toBe('waiting');
    expect(trace([given_up]).record.kind).toBe('waiting');
    expect(trace([given_up], later).record).toEqual({
      kind: 'not_executed',
      at: instantOf(second * 1_000),
    });
    expect(trace([], later).record.kind).toBe('none');
  });

  it('is waited for longer where nobody remembers how long it may wait', () => {
    const forgotten = { order: null, now_ms: second * 1_000 + 9_999 };
    const given_up = [command(second, null)];
    expect(trace(given_up, forgotten).record.kind).toBe('waiting');
    const over = { order: null, now_ms: second * 1_000 + 10_000 };
    expect(trace(given_up, over).record.kind).toBe('not_executed');
    expect(trace([], forgotten).record.kind).toBe('none');
  });

  it('is ours, of that type, and of that time or later', () => {
    const done = { kind: 'executed', at: instantOf((second + 1) * 1_000) };
    expect(trace([command(second, second + 1)]).record).toEqual(done);
    for (const other of [
      command(second, second + 1, { user: 99 }),
      command(second, second + 1, { type: 'unblock_engine' }),
      command(second - 2, second + 1),
    ]) {
      expect(trace([other], later).record.kind).toBe('none');
    }
    expect(trace([command(second, second + 1)], { ...later, user: null }).record.kind).toBe('none');
    // Wialon's clock is a minute ahead: what it dates like us is from before the order.
    const ahead = { ...later, ahead_ms: 60_000 };
    expect(trace([command(second, second + 1)], ahead).record.kind).toBe('none');
    expect(trace([command(second + 60, second + 61)], ahead).record.kind).toBe('executed');
  });
});

describe('what a device tells after an order', () => {
  it('counts from the first whole second on', () => {
    const both = (at_s: number) => trace([data(at_s, 2, 'DYD=Success!')]);
    expect([both(second).output, both(second).answer]).toEqual([null, null]);
    const at = instantOf((second + 1) * 1_000);
    expect(both(second + 1)).toMatchObject({
      output: { blocked: true, at },
      answer: { kind: 'done', at },
    });
    expect(trace([data(second + 1, 2)], { ahead_ms: 5_000 }).output).toBeNull();
    // A clock of Wialon's that is behind makes nothing count earlier.
    expect(trace([data(second, 2)], { ahead_ms: -5_000 }).output).toBeNull();
  });

  it('is the output that blocks, whichever it is and whatever it means', () => {
    const seen = (outputs: number | null, changed = {}) =>
      trace([data(second + 1, outputs)], {}, { ...to, ...changed }).output?.blocked ?? null;
    expect([seen(2), seen(1), seen(0), seen(null)]).toEqual([true, false, false, null]);
    const off = { blocksWhenOn: false };
    expect([seen(2, off), seen(0, off)]).toEqual([false, true]);
    expect(seen(2 ** 31, { output: 32 })).toBe(true);
    const last = trace([data(second + 1, 2), data(second + 2, 0), data(second + 3, null)]);
    expect(last.output).toEqual({ blocked: false, at: instantOf((second + 2) * 1_000) });
  });

  it('is in words that are known rather than in others', () => {
    const words = [data(second + 1, null, 'DYD=Success!'), data(second + 2, null, 'hello')];
    expect(trace(words).answer?.kind).toBe('done');
    expect(trace(words.slice(1)).answer?.kind).toBe('unrecognised');
    expect(trace([data(second + 1, null, 'HFYD=Success!')]).answer).toBeNull();
  });
});

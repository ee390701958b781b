import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import type { StreamPace } from '#api/vehicleStream.ts';
import { telemetryScene } from './telemetryScene.ts';

const Told = z.looseObject({ vehicle_id: z.string(), speed_kmh: z.number().nullable() });
/** By our clock. */
export const now_us = (): number => Date.now() * 1_000;
const WAIT_MAX_MS = 5_000;

/** Waits until something is so. */
export const until = async (isSo: () => boolean): Promise<void> => {
  const end_ms = performance.now() + WAIT_MAX_MS;
  while (!isSo()) {
    if (performance.now() > end_ms) throw new Error('it did not come to that');
    await sleep(10);
  }
};

/** The scene with a server that listens. */
export const open = async (pace: Partial<StreamPace> = {}) => {
  const scene = await telemetryScene(pace);
  const base = new URL(await scene.api.app.listen({ port: 0, host: '127.0.0.1' }));
  return { ...scene, base };
};
export type Open = Awaited<ReturnType<typeof open>>;

/** A client of the stream over a socket: what it was told, the ids, and everything as it came. */
export const follow = async (
  { api, base }: Open,
  query = '',
  headers: Readonly<Record<string, string>> = {},
) => {
  const stop = new AbortController();
  const reply = await fetch(new URL(`/api/v1/telemetry/stream${query}`, base), {
    headers: { ...(await api.bearer()), ...headers },
    signal: stop.signal,
  });
  const told: z.infer<typeof Told>[] = [];
  const ids: string[] = [];
  const seen = { text: '', ended: false };
  const reading = (async () => {
    const decoder = new TextDecoder();
    let rest = '';
    for await (const chunk of reply.body ?? []) {
      const text = decoder.decode(chunk, { stream: true });
      seen.text += text;
      const blocks = (rest + text).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const line of blocks.flatMap((block) => block.split('\n'))) {
        if (line.startsWith('data: ')) told.push(Told.parse(JSON.parse(line.slice(6))));
        if (line.startsWith('id: ')) ids.push(line.slice(4));
      }
    }
  })()
    .catch(() => {})
    .then(() => {
      seen.ended = true;
    });
  const close = async () => {
    stop.abort();
    await reading;
  };
  onTestFinished(close);
  const speeds = () => told.map(({ speed_kmh }) => speed_kmh);
  return { reply, told, ids, seen, close, speeds };
};

import { setTimeout as sleep } from 'node:timers/promises';
import { DeviceIdent } from '#domain/kernel/ids.ts';
import { begin } from '#ingest/formats/draft.ts';
import type { Reading } from '#ingest/formats/reading.ts';
import { dataFrame } from '#ingest/formats/wialonIps/encode.ts';
import { encoded } from '#ingest/simulator/encode.ts';
import { benchLine } from './ingestLine.ts';
import { answerQuestions, LoadAsked, LoadSetup } from './ingestProcess.ts';

/** The process that makes the load: so many devices, each on a line of its own. */
const setup = LoadSetup.parse(JSON.parse(process.argv[2] ?? ''));
const TICK_MS = 2;
const DAY_US = 86_400_000_000;
const US_PER_S = 1_000_000;

const lines: Awaited<ReturnType<typeof benchLine>>[] = [];
for (const login of setup.logins) lines.push(await benchLine(setup.shape, setup.port, login));
const idents = setup.logins.map(({ ident }) => DeviceIdent.parse(ident));
// Two days ago, and from there on a second at a time for each device, so that no reading comes twice.
const begin_us = Math.floor((Date.now() * 1_000 - 2 * DAY_US) / US_PER_S) * US_PER_S;
const seconds = lines.map(() => 0);
let told = 0;

/** What a tracker on its way tells; `sent_ms` is when it was due. */
const reading = (line: number, sent_ms: number | null): Reading => {
  told += 1;
  seconds[line] = (seconds[line] ?? 0) + 1;
  const at_us = begin_us + seconds[line] * US_PER_S;
  return {
    ...begin(idents[line] ?? DeviceIdent.parse('nobody'), at_us).reading,
    ...{ lat: 33.95 + (told % 5_000) * 1e-5, lon: -6.87 + (told % 7_000) * 1e-5, altitude_m: 75 },
    ...{ speed_kmh: told % 120, course_deg: told % 360, satellites: 11, ignition: true },
    ...{ odometer_m: 45_000_000 + told, engine_rpm: 1_850, external_v: 14.1, fuel_level_pct: 61.5 },
    rest: sent_ms === null ? {} : { sent_ms },
  };
};

const messageOf = (line: number, readings_each: number, sent_ms: number | null): Buffer => {
  const readings = Array.from({ length: readings_each }, () => reading(line, sent_ms));
  const [only] = readings;
  const payload =
    setup.shape === 'ips' && only ? dataFrame('2.0', only) : encoded(setup.shape)(readings);
  return lines[line]?.packed(payload, told) ?? payload;
};

let prepared: Buffer[][] = [];

const prepare = (messages: number, readings_each: number): void => {
  prepared = lines.map(() => []);
  for (let number = 0; number < messages; number += 1) {
    const line = number % lines.length;
    prepared[line]?.push(messageOf(line, readings_each, null));
  }
};

/** At even distances, whatever the answers take. */
const steadily = async (a_second: number, duration_s: number): Promise<void> => {
  const begun_ms = performance.now();
  const total = Math.floor(a_second * duration_s);
  for (let sent = 0; sent < total; ) {
    const due = Math.min(total, Math.floor(((performance.now() - begun_ms) / 1_000) * a_second));
    for (; sent < due; sent += 1) {
      const line = sent % lines.length;
      const due_ms = performance.timeOrigin + begun_ms + (sent / a_second) * 1_000;
      lines[line]?.sendOne(messageOf(line, 1, due_ms));
    }
    await sleep(TICK_MS);
  }
  while (!lines.every((line) => line.isAnswered())) await sleep(TICK_MS);
};

answerQuestions(LoadAsked, {}, async (asked) => {
  switch (asked.ask) {
    case 'prepare':
      prepare(asked.messages, asked.readings_each);
      return {};
    case 'send':
      await Promise.all(lines.map((line, index) => line.sendAll(prepared[index] ?? [])));
      return {};
    default:
      await steadily(asked.a_second, asked.seconds);
      return {};
  }
});

import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const TICK_MS = 1;

interface Load {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly connections: number;
  readonly a_second: number;
  readonly seconds: number;
}

/**
 * Requests at even distances, whatever the answers take; answers how long each took, in ms from the moment it
 * was due, so that a server that falls behind cannot hide it. (autocannon sends the requests of a second in a
 * burst and says how long the burst waited.) Throws for an answer other than 200.
 */
export const steadyRate = async (load: Load): Promise<readonly number[]> => {
  const agent = new Agent({ keepAlive: true, maxSockets: load.connections });
  const total = load.a_second * load.seconds;
  const latencies_ms: number[] = [];
  const begun = performance.now();
  const ask = async (due_ms: number): Promise<void> => {
    const request = get(load.url, { agent, headers: load.headers });
    const [response] = await once(request, 'response');
    response.resume();
    await once(response, 'end');
    if (response.statusCode !== 200) throw new Error(`${load.url}: ${response.statusCode}`);
    latencies_ms.push(performance.now() - due_ms);
  };
  const asked: Promise<void>[] = [];
  while (asked.length < total) {
    const due = Math.floor(((performance.now() - begun) / 1_000) * load.a_second);
    while (asked.length < Math.min(due, total)) {
      asked.push(ask(begun + (asked.length / load.a_second) * 1_000));
    }
    await sleep(TICK_MS);
  }
  await Promise.all(asked);
  agent.destroy();
  return latencies_ms;
};

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { z } from 'zod';

/** What the process that takes telemetry is started with; `broker` is one of somebody else, for `client`. */
export const ServerSetup = z.strictObject({
  url: z.string(),
  way: z.enum(['broker', 'client', 'ips']),
  broker: z.string().nullable(),
  devices: z.int(),
});
export type ServerSetup = z.infer<typeof ServerSetup>;

/** It is asked to write down or just to acknowledge, to say when it has so many messages, for its figures. */
export const ServerAsked = z.discriminatedUnion('ask', [
  z.strictObject({ ask: z.literal('begin'), writes: z.boolean() }),
  z.strictObject({ ask: z.literal('reached'), messages: z.int() }),
  z.strictObject({ ask: z.literal('figures') }),
]);
export type ServerAsked = z.infer<typeof ServerAsked>;

/** Where devices may speak (port 0: nowhere), and as whom. */
export const Ready = z.strictObject({
  port: z.int(),
  logins: z.array(z.strictObject({ ident: z.string(), secret: z.string() })),
});

/** What was kept since `begin`; latencies from when a message was due to be sent, in ms. */
export const ServerFigures = z.strictObject({
  messages: z.int(),
  rows: z.int(),
  p99_ms: z.number(),
  rss_mib: z.number(),
});
export type ServerFigures = z.infer<typeof ServerFigures>;

/** What the process that makes the load is started with. */
export const LoadSetup = z.strictObject({
  shape: z.enum(['flespi', 'ips']),
  port: z.int(),
  logins: Ready.shape.logins,
});
export type LoadSetup = z.infer<typeof LoadSetup>;

/** What it is asked: to make messages, to send them as fast as they are answered, or to send at a rate. */
export const LoadAsked = z.discriminatedUnion('ask', [
  z.strictObject({ ask: z.literal('prepare'), messages: z.int(), readings_each: z.int() }),
  z.strictObject({ ask: z.literal('send') }),
  z.strictObject({ ask: z.literal('steadily'), a_second: z.int(), seconds: z.number() }),
]);
export type LoadAsked = z.infer<typeof LoadAsked>;

const Failed = z.object({ failed: z.string() });

/** A program of this folder as a process, which answers every question once, in their order. */
export const benchProcess = async <Question extends object>(program: string, setup: unknown) => {
  const child: ChildProcess = fork(join(import.meta.dirname, program), [JSON.stringify(setup)]);
  const waiting: { resolve: (answer: unknown) => void; reject: (error: Error) => void }[] = [];
  child.on('message', (answer: unknown) => {
    const failed = Failed.safeParse(answer);
    const next = waiting.shift();
    if (failed.success) next?.reject(new Error(`${program}: ${failed.data.failed}`));
    else next?.resolve(answer);
  });
  child.once('exit', (code) => {
    for (const { reject } of waiting.splice(0)) reject(new Error(`${program} ended: ${code}`));
  });
  const answer = (): Promise<unknown> =>
    new Promise((resolve, reject) => waiting.push({ resolve, reject }));
  const ready = await answer();
  return {
    ready,
    ask: (question: Question): Promise<unknown> => {
      const answered = answer();
      child.send(question);
      return answered;
    },
    end: async (): Promise<void> => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
};

/** The other side: answers questions by their schema, one after another. */
export const answerQuestions = <Question extends z.ZodType>(
  schema: Question,
  ready: unknown,
  answer: (question: z.output<Question>) => Promise<unknown>,
): void => {
  const say = (told: unknown): void => {
    process.send?.(told);
  };
  let turn: Promise<void> = Promise.resolve();
  process.on('message', (message: unknown) => {
    turn = turn.then(async () => {
      try {
        say(await answer(schema.parse(message)));
      } catch (error) {
        say({ failed: error instanceof Error ? error.message : String(error) });
      }
    });
  });
  say(ready);
};

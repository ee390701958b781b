import { readConfig } from './main/config.ts';
import { serve } from './main/serve.ts';

const STOP_MAX_MS = 15_000;

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const running = await serve(readConfig(process.env), say);

const stop = (): void => {
  setTimeout(() => process.exit(1), STOP_MAX_MS).unref();
  running.stop().then(
    () => process.exit(0),
    () => process.exit(1),
  );
};
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
// Without its demo the product still works; the next start goes on where this one stopped.
await running.filling.catch((error: unknown) => {
  say(`the demo is not complete: ${error instanceof Error ? error.message : String(error)}`);
});

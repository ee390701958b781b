import { runWialonSimulator } from './main/wialonSimulator.ts';

await runWialonSimulator(process.argv).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});

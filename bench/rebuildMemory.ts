import { rebuilder } from './rebuildOnce.ts';

/** A process that does nothing but rebuild; prints the most memory that it ever held, in MiB. */
const [url = '', ...names] = process.argv.slice(2);
const { rebuild, end } = rebuilder(url);
for (const name of names) await rebuild(name);
await end();
process.stdout.write(`${process.resourceUsage().maxRSS / 1024}\n`);

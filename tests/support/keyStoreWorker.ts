import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { keyLock } from '#adapters/keyLock.ts';
import { keyStore } from '#adapters/keyStore.ts';
import { acme } from './samples.ts';

/**
 * A process of its own at a key store. `make <n>`: makes n keys, destroying every third, and prints the
 * keys that are left, a line each. `hold`: takes the lock, says so, and keeps it until it is killed.
 */
const [directory = '', act, count] = process.argv.slice(2);

if (act === 'hold') {
  await keyLock(directory)(async () => {
    process.stdout.write('held\n');
    await sleep(600_000);
  });
} else {
  const store = await keyStore(directory);
  for (let n = 0; n < Number(count); n += 1) {
    const owner = { tenant: acme, subject: randomUUID(), class: 'identity' } as const;
    const [key] = await store.ensure([owner]);
    if (n % 3 === 2) await store.destroy([owner]);
    else process.stdout.write(`${owner.subject} ${key?.bytes.toString('hex')}\n`);
  }
}

import { rename } from 'node:fs/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyStore } from '#adapters/keyStore.ts';
import { memoryVault, memoryVaultData } from '#adapters/memoryVault.ts';
import { postgresPool } from '#adapters/postgresPool.ts';
import { DEFAULT_RETENTION_DAYS, type SweptVault } from '#adapters/retention.ts';
import { postgresVault } from '#adapters/vault.ts';
import { PiiClass } from '#domain/kernel/event.ts';
import type { EventId } from '#domain/kernel/ids.ts';
import { vaultContract } from '#tests/contracts/vault.ts';
import {
  DAY_MS,
  entry,
  later,
  randomEvent,
  randomPerson,
  randomTenant,
  readAll,
  rightOf,
  start,
} from '#tests/contracts/vaultHarness.ts';
import { postgresVaultHarness, temporaryKeys } from '#tests/support/postgresVaultHarness.ts';

const RUNS = 40;
const COMMANDS_MAX = 12;
const SIDE_BY_SIDE = 200;

vaultContract({ name: 'on Postgres', start: postgresVaultHarness });

type Harness = Awaited<ReturnType<typeof postgresVaultHarness>>;

const poolOn = ({ url }: Harness) =>
  postgresPool({
    url,
    connections_max: 2,
    statement_timeout_ms: 10_000,
    application: 'ledger-tests',
  });

interface Command {
  readonly act: 'put' | 'again' | 'erase' | 'sweep' | 'read';
  readonly person: number;
  readonly class: PiiClass;
  readonly value: number;
  readonly logged: boolean;
  readonly passing_ms: number;
}

const anyCommand: fc.Arbitrary<Command> = fc.record({
  act: fc.constantFrom('put', 'put', 'again', 'erase', 'sweep', 'read'),
  person: fc.integer({ min: 0, max: 1 }),
  class: fc.constantFrom(...PiiClass.options),
  value: fc.integer({ min: 0, max: 2 }),
  logged: fc.boolean(),
  passing_ms: fc.constantFrom(0, 1, DAY_MS - 1, DAY_MS, 3 * DAY_MS),
});

/** What a vault answers to some commands, digests replaced by the order in which they first came. */
const play = async (vault: SweptVault, commands: readonly Command[], ids: Ids) => {
  const { tenant, people, events, log } = ids;
  const digests = new Map<string, number>();
  const answers: unknown[] = [];
  let at = start;
  let last: EventId | undefined;
  for (const [index, command] of commands.entries()) {
    at = later(at, command.passing_ms);
    const subject = people[command.person] ?? '';
    const entries = [entry(subject, command.class, { value: command.value })];
    if (command.act === 'erase')
      answers.push(rightOf(await vault.erase({ tenant, subject, at })()));
    if (command.act === 'sweep') answers.push(rightOf(await vault.sweep(at)()));
    if (command.act === 'read') answers.push(await readAll(vault, tenant, subject));
    if (command.act !== 'put' && command.act !== 'again') continue;
    const event: EventId = (command.act === 'again' ? last : events[index]) ?? randomEvent();
    last = event;
    if (command.logged) log(event);
    const put = await vault.put({ tenant, event, entries, at })();
    answers.push(
      put._tag === 'Left'
        ? put.left
        : put.right.map(({ digest, ...rest }) => {
            if (!digests.has(digest)) digests.set(digest, digests.size);
            return { ...rest, digest: digests.get(digest) };
          }),
    );
  }
  return answers;
};

interface Ids {
  readonly tenant: ReturnType<typeof randomTenant>;
  readonly people: readonly string[];
  readonly events: readonly EventId[];
  readonly log: (event: EventId) => void;
}

describe('the vault on Postgres', () => {
  let harness: Harness | undefined;
  const running = (): Harness => {
    if (!harness) throw new Error('the harness has not been started');
    return harness;
  };
  beforeAll(async () => {
    harness = await postgresVaultHarness();
  });
  afterAll(() => harness?.close());

  it('answers whatever one asks of it as the one in memory does', async () => {
    const retention_days = { ...DEFAULT_RETENTION_DAYS, document: 3 };
    const vault = running().open(retention_days);
    const playing = async (commands: readonly Command[]): Promise<void> => {
      await vault.sweep(later(start, 1_000 * DAY_MS))();
      const logged = new Set<string>();
      const data = memoryVaultData();
      const memory = memoryVault(data, { isLogged: async () => logged, retention_days });
      const ids = {
        tenant: randomTenant(),
        people: [randomPerson(), randomPerson()],
        events: commands.map(randomEvent),
        log: running().log,
      };
      const [real, model] = [
        await play(vault, commands, ids),
        await play(memory, commands, { ...ids, log: (event) => logged.add(event) }),
      ];
      expect(real).toEqual(model);
    };
    await fc.assert(fc.asyncProperty(fc.array(anyCommand, { maxLength: COMMANDS_MAX }), playing), {
      numRuns: RUNS,
    });
    await vault.close();
  });

  it('takes many people at once, each with keys of their own', async () => {
    const vault = running().open();
    const tenant = randomTenant();
    const people = Array.from({ length: SIDE_BY_SIDE }, randomPerson);
    const puts = people.map((person) =>
      vault.put({
        tenant,
        event: randomEvent(),
        entries: [entry(person, 'identity', { person })],
        at: start,
      })(),
    );
    for (const put of await Promise.all(puts)) rightOf(put);
    const sql = poolOn(running());
    const [counted] = await sql`
      select count(distinct key_id)::int as keys from vault_entries where tenant = ${tenant}`;
    await sql.end();
    expect(counted).toEqual({ keys: SIDE_BY_SIDE });
    const read = await Promise.all(people.map((person) => readAll(vault, tenant, person)));
    expect(read).toEqual(people.map((person) => ({ identity: { person } })));
    await vault.close();
  });

  it('opens an entry only in its own place, and takes a changed bit for corruption', async () => {
    const vault = running().open();
    const tenant = randomTenant();
    const person = randomPerson();
    const put = async (name: string) =>
      vault.put({
        tenant,
        event: randomEvent(),
        entries: [entry(person, 'identity', { name })],
        at: start,
      })();
    rightOf(await put('one'));
    rightOf(await put('two'));
    const sql = poolOn(running());
    await sql`
      update vault_entries set sealed = (select min(other.sealed) from vault_entries as other
                                          where other.tenant = ${tenant} and other.sealed <> vault_entries.sealed)
       where tenant = ${tenant}`;
    await sql.end();
    await expect(vault.read({ tenant, subject: person })()).rejects.toThrow('does not open');
    await vault.close();
  });

  it('refuses to work with another key store than it was sealed with', async () => {
    const { url, open } = running();
    const vault = open();
    const tenant = randomTenant();
    rightOf(await vault.read({ tenant, subject: randomPerson() })());
    await vault.close();
    const other = await temporaryKeys();
    const keys = await keyStore(other.directory);
    const wrong = postgresVault({ url, keys, isLogged: async () => new Set() });
    await expect(wrong.read({ tenant, subject: randomPerson() })()).rejects.toThrow(
      'another key store',
    );
    await wrong.close();
    await other.remove();
  });

  it('is away, and nobody is taken for erased, while the key store is away', async () => {
    const { open, directory } = running();
    const vault = open();
    const tenant = randomTenant();
    const person = randomPerson();
    const event = randomEvent();
    const entries = [entry(person, 'identity', { name: 'Ann' })];
    const digests = rightOf(await vault.put({ tenant, event, entries, at: start })());
    await rename(directory, `${directory}-away`);
    const away = { left: { code: 'Unavailable' } };
    expect(await vault.read({ tenant, subject: person })()).toMatchObject(away);
    expect(await vault.erase({ tenant, subject: person, at: start })()).toMatchObject(away);
    expect(await vault.put({ tenant, event, entries, at: start })()).toMatchObject(away);
    await rename(`${directory}-away`, directory);
    expect(await readAll(vault, tenant, person)).toEqual({ identity: { name: 'Ann' } });
    expect(rightOf(await vault.put({ tenant, event, entries, at: start })())).toEqual(digests);
    await vault.close();
  });

  it('spares an orphan that is put again while it is looked for in the log', async () => {
    const { url, directory, open } = running();
    const vault = open();
    await vault.sweep(later(start, 1_000 * DAY_MS))();
    const [tenant, person, event] = [randomTenant(), randomPerson(), randomEvent()];
    const put = async (at: typeof start) =>
      vault.put({ tenant, event, entries: [entry(person, 'identity', { name: 'Ann' })], at })();
    const digests = rightOf(await put(start));
    const sweeping = postgresVault({
      url,
      keys: await keyStore(directory),
      isLogged: async () => {
        expect(rightOf(await put(later(start, 2 * DAY_MS)))).toEqual(digests);
        return new Set();
      },
    });
    const swept = rightOf(await sweeping.sweep(later(start, 2 * DAY_MS))());
    expect(swept).toMatchObject({ orphans: 0 });
    expect(await readAll(vault, tenant, person)).toEqual({ identity: { name: 'Ann' } });
    await Promise.all([vault.close(), sweeping.close()]);
  });
});

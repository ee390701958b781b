import { isLeft, right } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import type { Openings } from '#commands/ports.ts';
import { Digest, EventId, type Tenant } from '#domain/kernel/ids.ts';
import { askAll } from './askAll.ts';
import { boundedPool } from './boundedPool.ts';
import { digestOfEntry, type Opening, openingsOf } from './opening.ts';
import { attempt } from './postgresFailure.ts';

const STATEMENT_TIMEOUT_MS = 20_000;
const CONNECTIONS_MAX = 4;
const CLOSE_TIMEOUT_S = 5;
/** How many entries one statement reads. */
const READ_ENTRIES_MAX = 5_000;

const KeptRow = z.object({ event: EventId, digest: Digest, text: z.string() });
const OpeningRow = z.object({ digest: Digest, salt: z.string(), text: z.string() });
const Entry = z.record(z.string(), z.unknown());

type Entries = ReadonlyMap<Digest, z.infer<typeof Entry>>;

/** The entries as they were kept. Throws where one is not what its digest names: corruption. */
const entriesIn = (rows: readonly z.infer<typeof OpeningRow>[]): Entries =>
  new Map(
    rows.map(({ digest, salt, text }) => {
      if (digestOfEntry(Buffer.from(salt, 'hex'), text) !== digest) {
        throw new Error(`the opening ${digest} has been changed`);
      }
      return [digest, Entry.parse(JSON.parse(text))];
    }),
  );

/** Openings in Postgres, beside the log. */
export const openings = ({
  url,
}: {
  readonly url: string;
}): Openings & { readonly close: () => Promise<void> } => {
  const pool = boundedPool({
    url,
    connections_max: CONNECTIONS_MAX,
    statement_timeout_ms: STATEMENT_TIMEOUT_MS,
    application: 'ledger-openings',
  });
  const find = askAll(pool);
  const keptUnder = (tenant: Tenant, events: readonly EventId[]) =>
    find(
      KeptRow,
      (sql) => sql`
        select event_id as event, digest, entry as text from openings
         where tenant = ${tenant} and event_id = any(${events}::uuid[])`,
    );
  const add = (tenant: Tenant, added: readonly Opening[]) =>
    attempt(() =>
      pool.ask(
        (sql, mark) => sql`
          with kept as (
            insert into openings (tenant, digest, event_id, salt, entry)
            select ${tenant}, digest, event_id, decode(salt, 'hex'), entry
              from unnest(${added.map(({ digest }) => digest)}::text[],
                          ${added.map(({ event }) => event)}::uuid[],
                          ${added.map(({ salt }) => salt.toString('hex'))}::text[],
                          ${added.map(({ text }) => text)}::text[])
                   as new(digest, event_id, salt, entry))
          select ${mark}::text as mark`,
      ),
    );
  return {
    keep: (tenant, entries) => async () => {
      if (entries.length === 0) return right([]);
      const kept = await keptUnder(tenant, [...new Set(entries.map(({ event }) => event))]);
      if (isLeft(kept)) return kept;
      const { digests, added } = openingsOf(entries, kept.right);
      if (added.length === 0) return right(digests);
      const done = await add(tenant, added);
      return isLeft(done) ? done : right(digests);
    },
    read: (tenant, digests) => async () => {
      const found = new Map<Digest, z.infer<typeof Entry>>();
      for (let from = 0; from < digests.length; from += READ_ENTRIES_MAX) {
        const some = digests.slice(from, from + READ_ENTRIES_MAX);
        const rows = await find(
          OpeningRow,
          (sql) => sql`
            select digest, encode(salt, 'hex') as salt, entry as text from openings
             where tenant = ${tenant} and digest = any(${some}::text[])`,
        );
        if (isLeft(rows)) return rows;
        for (const [digest, entry] of entriesIn(rows.right)) found.set(digest, entry);
      }
      return right(found);
    },
    ofParty: (tenant, party) => async () => {
      const rows = await find(
        OpeningRow,
        (sql) => sql`
          select digest, encode(salt, 'hex') as salt, entry as text from openings
           where tenant = ${tenant} and party = ${party}`,
      );
      return isLeft(rows) ? rows : right(entriesIn(rows.right));
    },
    close: () => pool.end(CLOSE_TIMEOUT_S),
  };
};

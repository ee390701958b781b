import { isLeft, right } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import type { Openings } from '#commands/ports.ts';
import { Digest, type Tenant } from '#domain/kernel/ids.ts';
import { askAll } from './askAll.ts';
import { boundedPool } from './boundedPool.ts';
import { digestOfEntry, type Opening, openingsOf } from './opening.ts';
import { attempt } from './postgresFailure.ts';

const STATEMENT_TIMEOUT_MS = 20_000;
const CONNECTIONS_MAX = 4;
const CLOSE_TIMEOUT_S = 5;
/** How many entries one statement reads. */
const READ_ENTRIES_MAX = 5_000;

const Kept = z.tuple([
  z.object({ kept: z.array(z.object({ fresh: Digest, digest: Digest })).nullable() }),
]);
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
  /** Adds what was not kept before; answers with the digests of what was, by those it would have got now. */
  const add = (tenant: Tenant, added: readonly Opening[]) =>
    attempt(async () => {
      const rows = await pool.ask(
        (sql, mark) => sql`
          with new as (
            select * from unnest(${added.map(({ digest }) => digest)}::text[],
                                 ${added.map(({ event }) => event)}::uuid[],
                                 ${added.map(({ salt }) => salt.toString('hex'))}::text[],
                                 ${added.map(({ text }) => text)}::text[])
                       as new(digest, event_id, salt, entry)
          ), kept as (
            select new.digest as fresh, before.digest
              from new, lateral (
                select digest from openings
                 where tenant = ${tenant} and event_id = new.event_id and entry = new.entry
                 limit 1) as before
          ), added as (
            insert into openings (tenant, digest, event_id, salt, entry)
            select ${tenant}, digest, event_id, decode(salt, 'hex'), entry from new
             where digest not in (select fresh from kept)
          )
          select ${mark}::text as mark, (select json_agg(kept) from kept) as kept`,
      );
      const kept = Kept.parse(rows)[0].kept ?? [];
      return new Map(kept.map(({ fresh, digest }) => [fresh, digest]));
    });
  return {
    keep: (tenant, entries) => async () => {
      if (entries.length === 0) return right([]);
      const { digests, added } = openingsOf(entries, []);
      const kept = await add(tenant, added);
      if (isLeft(kept)) return kept;
      return right(digests.map((digest) => kept.right.get(digest) ?? digest));
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

import { hash } from 'node:crypto';
import type { ISql } from 'postgres';
import { z } from 'zod';
import { canonicalJson } from '#domain/kernel/canonical.ts';
import { Digest } from '#domain/kernel/ids.ts';

const DIGEST_BITS = 256;
const DIGEST_DIGITS = 64;
const PAGE_ROWS = 2_000;

/** A row as a table holds it, with its JSON as text. */
export const StoredRow = z.object({ tenant: z.string(), key: z.string(), row: z.string() });
export type StoredRow = z.infer<typeof StoredRow>;

/** The canonical text JCS({key, row, tenant}) of a row whose own canonical text is `row`. */
export const entryText = ({ tenant, key, row }: StoredRow): string =>
  `{"key":${canonicalJson(key)},"row":${row},"tenant":${canonicalJson(tenant)}}`;

/** What an entry adds to the digest of its table: the SHA-256 of its canonical text as a number. */
export const shareOf = (entry: string): bigint => BigInt(`0x${hash('sha256', entry, 'hex')}`);

/** A digest after shares were taken out and put in; 0n is the share of a row that is not there. */
export const withShares = (digest: bigint, change: { removed: bigint; added: bigint }): bigint =>
  BigInt.asUintN(DIGEST_BITS, digest - change.removed + change.added);

/** A digest as 64 hexadecimal digits. */
export const digestText = (digest: bigint): Digest =>
  Digest.parse(digest.toString(16).padStart(DIGEST_DIGITS, '0'));

/** A digest out of its 64 hexadecimal digits. */
export const digestOf = (text: string): bigint => BigInt(`0x${Digest.parse(text)}`);

/** The entry of a row as it was read from a table. */
export const storedEntry = ({ tenant, key, row }: StoredRow): string =>
  entryText({ tenant, key, row: canonicalJson(JSON.parse(row)) });

/**
 * A stretch of a table in the order of tenant and key: behind `after`, up to and with `through`; null: no
 * bound.
 */
interface Stretch {
  readonly after: StoredRow | null;
  readonly through: StoredRow | null;
}

/** The rows of a table in the order of tenant and key, a page at a time: memory is bounded by a page. */
export async function* tableRows(
  sql: ISql<{ bigint: bigint }>,
  table: string,
  { after, through }: Stretch = { after: null, through: null },
) {
  const end = through ? sql`(tenant, key) <= (${through.tenant}, ${through.key})` : sql`true`;
  let from = { tenant: after?.tenant ?? '', key: after?.key ?? '' };
  for (;;) {
    const page = StoredRow.array().parse(
      await sql`
        select tenant, key, row::text as row from ${sql(table)}
         where (tenant, key) > (${from.tenant}, ${from.key}) and ${end}
         order by tenant, key limit ${PAGE_ROWS}`,
    );
    if (page.length > 0) yield page;
    const last = page.at(-1);
    if (!last || page.length < PAGE_ROWS) return;
    from = last;
  }
}

/**
 * The digest of a table computed anew from its rows: the sum modulo 2^256 of SHA-256(JCS({tenant, key,
 * row})). To be called in a transaction with one snapshot where others write to the table.
 */
export const tableDigest = async (
  sql: ISql<{ bigint: bigint }>,
  table: string,
): Promise<{ readonly digest: bigint; readonly rows: number }> => {
  let digest = 0n;
  let rows = 0;
  for await (const page of tableRows(sql, table)) {
    for (const stored of page) {
      digest = withShares(digest, { removed: 0n, added: shareOf(storedEntry(stored)) });
    }
    rows += page.length;
  }
  return { digest, rows };
};

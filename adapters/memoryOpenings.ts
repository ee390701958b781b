import { right } from 'fp-ts/lib/Either.js';
import type { Openings, SealedEntry } from '#commands/ports.ts';
import type { Digest, EventId, Tenant } from '#domain/kernel/ids.ts';
import { openingsOf } from './opening.ts';

interface Kept {
  readonly tenant: Tenant;
  readonly event: EventId;
  readonly digest: Digest;
  readonly text: string;
}

const found = (kept: readonly Kept[]): ReadonlyMap<Digest, SealedEntry['entry']> =>
  new Map(kept.map(({ digest, text }) => [digest, JSON.parse(text)]));

/** Openings for as long as the process lives. */
export const memoryOpenings = (): Openings => {
  const kept: Kept[] = [];
  const of = (tenant: Tenant) => kept.filter((each) => each.tenant === tenant);
  return {
    keep: (tenant, entries) => async () => {
      const { digests, added } = openingsOf(entries, of(tenant));
      kept.push(...added.map(({ event, digest, text }) => ({ tenant, event, digest, text })));
      return right(digests);
    },
    read: (tenant, digests) => async () => {
      const wanted = new Set(digests);
      return right(found(of(tenant).filter(({ digest }) => wanted.has(digest))));
    },
    ofParty: (tenant, party) => async () =>
      right(found(of(tenant).filter(({ text }) => JSON.parse(text).party === party))),
  };
};

import { randomBytes } from 'node:crypto';
import type { SealedEntry } from '#commands/ports.ts';
import { canonicalJson } from '#domain/kernel/canonical.ts';
import type { Digest, EventId } from '#domain/kernel/ids.ts';
import { digestOfOpening } from './vaultEntry.ts';

const SALT_BYTES = 32;

/** An entry as it is kept: the canonical JSON that its digest was taken over, behind the salt. */
export interface Opening {
  readonly event: EventId;
  readonly digest: Digest;
  readonly salt: Buffer;
  readonly text: string;
}

/** The digest of an entry's canonical JSON behind its salt. */
export const digestOfEntry = (salt: Buffer, text: string): Digest =>
  digestOfOpening(Buffer.concat([salt, Buffer.from(text)]));

const fresh = (event: EventId, text: string): Opening => {
  const salt = randomBytes(SALT_BYTES);
  return { event, digest: digestOfEntry(salt, text), salt, text };
};

/**
 * The openings of entries, in their order: those that were kept before as they were, others with new salt.
 * `added` are those.
 */
export const openingsOf = (
  entries: readonly SealedEntry[],
  kept: readonly Pick<Opening, 'event' | 'digest' | 'text'>[],
): { readonly digests: readonly Digest[]; readonly added: readonly Opening[] } => {
  const nameOf = (event: EventId, text: string): string => `${event} ${text}`;
  const digests = new Map(kept.map(({ event, text, digest }) => [nameOf(event, text), digest]));
  const added: Opening[] = [];
  const inOrder = entries.map(({ event, entry }) => {
    const text = canonicalJson(entry);
    const before = digests.get(nameOf(event, text));
    if (before) return before;
    const opening = fresh(event, text);
    added.push(opening);
    digests.set(nameOf(event, text), opening.digest);
    return opening.digest;
  });
  return { digests: inOrder, added };
};

import { createHash, randomBytes } from 'node:crypto';
import type { PersonalEntry } from '#commands/ports.ts';
import { canonicalJson, type Json } from '#domain/kernel/canonical.ts';
import type { PiiClass } from '#domain/kernel/event.ts';
import { Digest, type EventId, type Tenant } from '#domain/kernel/ids.ts';
import { seal, unseal } from './seal.ts';

const SALT_BYTES = 32;

/** The most entries that one event may name. */
export const ENTRIES_MAX = 64;

/** The place of an entry: no sealed entry opens in another. */
export interface EntryPlace {
  readonly tenant: Tenant;
  readonly event: EventId;
  readonly index: number;
  readonly subject: string;
  readonly class: PiiClass;
}

/** Salt and canonical JSON, which is what is sealed and what the digest is taken over. */
export const openingOf = (data: PersonalEntry['data']): Buffer =>
  Buffer.concat([randomBytes(SALT_BYTES), Buffer.from(canonicalJson(data))]);

/** SHA-256 over salt and canonical JSON. */
export const digestOfOpening = (opening: Buffer): Digest =>
  Digest.parse(createHash('sha256').update(opening).digest('hex'));

/** The canonical JSON of an opening. */
export const textOfOpening = (opening: Buffer): string =>
  opening.subarray(SALT_BYTES).toString('utf8');

const contextOf = ({ tenant, subject, class: kind, event, index }: EntryPlace): Json => [
  'vault-entry',
  tenant,
  subject,
  kind,
  event,
  index,
];

/** Seals an opening for its place. */
export const sealEntry = (key: Buffer, place: EntryPlace, opening: Buffer): Buffer =>
  seal({ key, context: contextOf(place) }, opening);

/** The opening of an entry. Throws if its own key does not open it: corruption. */
export const openEntry = (key: Buffer, place: EntryPlace, sealed: Uint8Array): Buffer => {
  const opening = unseal({ key, context: contextOf(place) }, Buffer.from(sealed));
  if (!opening) throw new Error('an entry of the vault does not open under its key');
  return opening;
};

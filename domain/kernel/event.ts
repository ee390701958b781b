import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { canonicalJson } from './canonical.ts';
import { ActorId, CommandId, Digest, EventId, Tenant } from './ids.ts';
import { Instant, LocalDate, Zone } from './instant.ts';
import { StreamName } from './streams.ts';
import { KEYS_MAX, SubjectKey } from './subjects.ts';

export const EVENT_MAX_BYTES = 48 * 1024;
const DIGESTS_MAX = 64;

/** Whoever acted. `id` is a random stand-in, `role` the role it acted in. */
export const Actor = z.strictObject({
  kind: z.enum(['user', 'device', 'system']),
  id: ActorId,
  role: z.string().regex(/^[a-z_]{1,32}$/),
});
export type Actor = z.infer<typeof Actor>;

/** What kind of personal data an entry of the vault is; each kind has a retention of its own. */
export const PiiClass = z.enum([
  'identity',
  'contact',
  'document',
  'vehicle_identity',
  'bank_account',
]);
export type PiiClass = z.infer<typeof PiiClass>;

/**
 * That an entry of the vault belongs to this event: SHA-256 over 32 bytes of salt and the entry's canonical
 * JSON.
 */
export const PiiDigest = z.strictObject({
  subject: z.string().regex(/^[0-9a-f-]{36}$/),
  class: PiiClass,
  digest: Digest,
});
export type PiiDigest = z.infer<typeof PiiDigest>;

/**
 * The immutable record of one thing that happened. `occurredAt` is the caller's claim of when; the store adds
 * revision, position and its own time, none of which enters the canonical text. `sealed` holds digests
 * `SHA-256(salt32 ‖ JCS(entry))` of business secrets whose openings lie beside the event.
 */
export const LedgerEvent = z.strictObject({
  id: EventId,
  type: z.string().regex(/^[A-Z][A-Za-z]{1,63}$/),
  schema: z.int().min(1).max(999),
  tenant: Tenant,
  stream: StreamName,
  occurredAt: Instant,
  zone: Zone,
  localDate: LocalDate,
  actor: Actor,
  commandId: CommandId,
  contentHash: Digest,
  correlationId: z.string().regex(/^[0-9a-f-]{36}$/),
  causationId: z
    .string()
    .regex(/^[0-9a-f-]{36}$/)
    .nullable(),
  keys: z.array(SubjectKey).min(1).max(KEYS_MAX),
  data: z.record(z.string(), z.unknown()),
  pii: z.array(PiiDigest).max(DIGESTS_MAX),
  sealed: z.array(Digest).max(DIGESTS_MAX),
});
export type LedgerEvent = z.infer<typeof LedgerEvent>;

/** Why an event cannot be stored. Nothing that fails here may reach a client library of a store. */
export type EventInvalid =
  | { readonly code: 'EventMalformed'; readonly path: string }
  | { readonly code: 'EventTooLarge'; readonly bytes: number };

const utf8Bytes = (text: string): number => {
  let bytes = 0;
  for (const char of text) {
    const point = char.codePointAt(0) ?? 0;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return bytes;
};

/** The length in UTF-8 of a text; cheap for what is certainly short enough or too long. */
const exceeds = (text: string, max_bytes: number): boolean =>
  text.length > max_bytes || (text.length * 3 > max_bytes && utf8Bytes(text) > max_bytes);

const textOf = (event: LedgerEvent): string | null => {
  try {
    return canonicalJson(event);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
};

/**
 * The canonical text of an event: RFC 8785 JSON of everything but what the store adds. Refuses what breaks
 * the schema or the limit of 48 KiB.
 */
export const canonicalText = (event: LedgerEvent): Either<EventInvalid, string> => {
  const checked = LedgerEvent.safeParse(event);
  if (!checked.success) {
    const path = checked.error.issues[0]?.path.join('.') ?? '';
    return left({ code: 'EventMalformed', path });
  }
  const text = textOf(checked.data);
  if (text === null) return left({ code: 'EventMalformed', path: 'data' });
  if (exceeds(text, EVENT_MAX_BYTES)) {
    return left({ code: 'EventTooLarge', bytes: utf8Bytes(text) });
  }
  return right(text);
};

/**
 * The event of a canonical text. Throws for what does not parse: what is stored and cannot be read is
 * corruption.
 */
export const parseEvent = (text: string): LedgerEvent => {
  const parsed = LedgerEvent.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  throw new Error(`a stored event does not parse: ${parsed.error.issues[0]?.path.join('.')}`);
};

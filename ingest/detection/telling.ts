import type { Either } from 'fp-ts/lib/Either.js';
import { digestOf } from '#commands/digest.ts';
import { deriveUuid } from '#commands/identity.ts';
import type { Request } from '#commands/workspace.ts';
import { ActorId, CommandId, type Digest, type Tenant } from '#domain/kernel/ids.ts';
import type { Conclusion } from '#ingest/detectors/conclusion.ts';
import type { Unpublished } from './ports.ts';

/** A conclusion of one kind that the ledger is to be told, with the digest of what it rests on. */
export interface Telling<Kind extends Conclusion['kind'] = Conclusion['kind']> {
  readonly asked: Unpublished;
  readonly now: Extract<Conclusion, { kind: Kind }>;
  readonly evidence: Digest | null;
}

/** What became of it: the ledger knows, or why it would not. */
export type Told = Promise<Either<{ readonly code: string }, unknown>>;

/** The actor in whose name conclusions enter the ledger. */
const detectorActor = {
  kind: 'system',
  id: ActorId.parse(deriveUuid('actor', 'detector')),
  role: 'detector',
} as const;

/** A request of detection's own accord: the same for the same words about the same matter. */
export const detectorRequest = (
  tenant: Tenant,
  matter: string,
  ...words: readonly string[]
): Request => {
  const content = digestOf(words);
  return {
    origin: {
      tenant,
      actor: detectorActor,
      command: CommandId.parse(deriveUuid('detection', tenant, matter, content)),
      content,
      correlationId: matter,
      causationId: null,
    },
    mayActIn: () => true,
  };
};

/** The request that tells the ledger: the same for the same content told as the same publication. */
export const requestFor = (
  { key, id, conclusion, withdrawn, publications }: Unpublished,
  ...step: readonly string[]
): Request => {
  const said = digestOf({ conclusion, withdrawn });
  return detectorRequest(key.tenant, id, String(publications), said, ...step);
};

import { canonicalJson } from '#domain/kernel/canonical.ts';
import type { PiiClass } from '#domain/kernel/event.ts';
import type { Instant, Moment } from '#domain/kernel/instant.ts';
import { type Fact, fact } from '#domain/kernel/registry.ts';
import { type ErasureSubject, SubjectErased } from './events.ts';

/** Personal data of a class that a retention period keeps readable until an instant. */
type Held = { readonly class: PiiClass; readonly until: Instant };

/** That personal data was erased: `erased` and `held` say what became of the vault's entries. */
export interface ErasedData {
  readonly erased: readonly PiiClass[];
  readonly held: readonly Held[];
  readonly when: Moment;
}

/** Null while nothing was asked to be erased; else all classes erased so far, and what is held yet. */
export type Erasure = {
  readonly erased: ReadonlySet<PiiClass>;
  readonly held: readonly Held[];
} | null;

/** A second erasure says something new when it erased another class or when other things are held now. */
export const decideErasure = (
  subject: ErasureSubject,
  said: ErasedData,
  erasure: Erasure,
): readonly Fact<typeof SubjectErased>[] => {
  const erased = [...new Set(said.erased)];
  const held = [...said.held];
  const isSame =
    erasure !== null &&
    erased.every((pii) => erasure.erased.has(pii)) &&
    canonicalJson(held) === canonicalJson(erasure.held);
  return isSame ? [] : [fact(SubjectErased, said.when, { subject, erased, held })];
};

/** What is erased and held once an erasure has been recorded. */
export const erasureAfter = (
  erasure: Erasure,
  { data }: Fact<typeof SubjectErased>,
): NonNullable<Erasure> => ({
  erased: new Set([...(erasure?.erased ?? []), ...data.erased]),
  held: data.held,
});

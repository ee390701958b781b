import type { DecisionOnRecord, ReadSeen, Retaken, Retaker } from './retaker.ts';

/** A decision that comes out differently from how it was recorded. */
export interface Deviation {
  readonly event: DecisionOnRecord;
  readonly found: Extract<Retaken, { same: false }>;
}

/** How many decisions were taken again, and how many of them came out differently. */
export interface DecisionsAudited {
  readonly taken: number;
  readonly different: number;
}

/** The retakers by the type of event whose decisions they take again. */
export const byType = (retakers: readonly Retaker[]): ReadonlyMap<string, Retaker> =>
  new Map(retakers.map((retaker) => [retaker.type, retaker]));

/**
 * Takes decisions again, one after another as they come, and tells of each that comes out differently. Holds
 * one of them at a time.
 */
export const auditDecisions =
  (retakers: ReadonlyMap<string, Retaker>, read: ReadSeen) =>
  async (
    decisions: AsyncIterable<DecisionOnRecord>,
    tell: (deviation: Deviation) => void,
  ): Promise<DecisionsAudited> => {
    let taken = 0;
    let different = 0;
    for await (const event of decisions) {
      const retaker = retakers.get(event.fact.type);
      if (!retaker) throw new Error(`nobody takes ${event.fact.type} again`);
      const found = await retaker.retake(event, read);
      taken += 1;
      if (found.same) continue;
      different += 1;
      tell({ event, found });
    }
    return { taken, different };
  };

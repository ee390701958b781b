import type { HoldingId } from '#domain/kernel/ids.ts';

/** What a holding is entitled by: shares times the days on which it had them, at local midnight. */
export interface Entitlement {
  readonly holding: HoldingId;
  readonly shareDays: bigint;
}

/** What a holding gets, in minor units. It needs no more than D, T and its own share-days to be checked. */
export interface AllocationLine extends Entitlement {
  readonly amount: bigint;
}

/**
 * Divides D among holdings: each gets ⌊D·s/T⌋, and what is left over is carried into the asset's next D, so
 * that nothing is created or lost. `distributable` is D in minor units with the remainder carried in, `total`
 * is T, all share-days of the period; where there are none all of D is carried. Throws for what cannot be: a
 * D below zero, or share-days that do not add up to T. Source: facts on money, "Allocation to holders".
 */
export const allocate = ({
  distributable,
  shareDays: entitled,
  total,
}: {
  readonly distributable: bigint;
  readonly shareDays: readonly Entitlement[];
  readonly total: bigint;
}): { readonly lines: readonly AllocationLine[]; readonly carried: bigint } => {
  if (distributable < 0n) throw new Error('less than nothing cannot be distributed');
  const sum = entitled.reduce((days, { shareDays }) => days + shareDays, 0n);
  if (sum !== total) throw new Error(`share-days of ${sum} do not add up to ${total}`);
  if (total === 0n) return { lines: [], carried: distributable };
  const lines = entitled.map(({ holding, shareDays }) => ({
    holding,
    shareDays,
    amount: (distributable * shareDays) / total,
  }));
  return { lines, carried: lines.reduce((rest, { amount }) => rest - amount, distributable) };
};

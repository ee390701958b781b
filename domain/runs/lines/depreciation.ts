import { z } from 'zod';
import type { AssetState } from '#domain/assets/assetState.ts';
import { depreciationOf } from '#domain/assets/depreciation.ts';
import type { Period } from '#domain/finance/period.ts';
import { Digest, VehicleId } from '#domain/kernel/ids.ts';
import { Minor } from '#domain/runs/minor.ts';

/** Another way to write a vehicle off is another version. */
export const DEPRECIATION_VERSION = 1;

/**
 * What a month writes off a vehicle: by which method, of what it cost down to what is to be left, and what is
 * written off before and after. `inputs` is the digest of all that was said of it but its valuations.
 */
export const DepreciationLine = z.strictObject({
  kind: z.literal('depreciation'),
  vehicle: VehicleId,
  inputs: Digest,
  method: z.enum(['straight_line', 'declining_balance', 'none']),
  cost: Minor,
  residual: Minor,
  before: Minor,
  amount: Minor,
  after: Minor,
});
export type DepreciationLine = z.infer<typeof DepreciationLine>;

/** The line of a vehicle for a month; null where nothing is to be written off, or back. */
export const depreciationLine = (
  state: AssetState,
  {
    vehicle,
    period,
    inputs,
  }: { readonly vehicle: VehicleId; readonly period: Period; readonly inputs: Digest },
): DepreciationLine | null => {
  const due = depreciationOf(state, period);
  if (!due || !state.acquisition) return null;
  const { cost, depreciation } = state.acquisition;
  return {
    kind: 'depreciation',
    ...{ vehicle, inputs, method: depreciation.method, cost: cost.amount },
    residual: depreciation.method === 'none' ? cost.amount : depreciation.residual.amount,
    before: due.before.toString(),
    amount: due.amount.toString(),
    after: due.after.toString(),
  };
};

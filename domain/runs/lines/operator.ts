import { z } from 'zod';
import { Digest, PartyId, VehicleId } from '#domain/kernel/ids.ts';
import type { AssetLine } from '#domain/runs/events.ts';
import { Minor } from '#domain/runs/minor.ts';

/** Another way to reckon what the operator gets is another version. */
export const OPERATOR_VERSION = 1;

/**
 * What the operator gets of an asset's month: the fee, the part above the hurdle, and what was advanced in
 * bad months and came back, as the posted payout says in the line whose digest is `inputs`.
 */
export const OperatorLine = z.strictObject({
  kind: z.literal('operator'),
  vehicle: VehicleId,
  payee: PartyId,
  inputs: Digest,
  fee: Minor,
  rest: Minor,
  recouped: Minor,
  amount: Minor,
});
export type OperatorLine = z.infer<typeof OperatorLine>;

/** What a payout's line leaves to the operator; null where that is nothing. */
export const operatorPartOf = (
  { vehicle, operatorFee: fee, operatorRest: rest, recouped }: AssetLine,
  { payee, inputs }: { readonly payee: PartyId; readonly inputs: Digest },
): OperatorLine | null => {
  const amount = BigInt(fee) + BigInt(rest) + BigInt(recouped);
  if (amount <= 0n) return null;
  return {
    kind: 'operator',
    vehicle,
    payee,
    inputs,
    fee,
    rest,
    recouped,
    amount: amount.toString(),
  };
};

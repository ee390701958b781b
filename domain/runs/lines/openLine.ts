import { z } from 'zod';
import { assetKey, driverKey, partyKey, type SubjectKey } from '#domain/kernel/subjects.ts';
import { ClosingLine } from './closing.ts';
import { DepreciationLine } from './depreciation.ts';
import { OperatorLine } from './operator.ts';
import { RevaluationLine } from './revaluation.ts';
import { SettlementLine } from './settlement.ts';

/** A line of a run that hides nothing. */
export const OpenLine = z.discriminatedUnion('kind', [
  SettlementLine,
  OperatorLine,
  ClosingLine,
  DepreciationLine,
  RevaluationLine,
]);
export type OpenLine = z.infer<typeof OpenLine>;

/** What a line says to pay or post, in minor units. */
export const amountOfLine = (line: OpenLine): bigint => {
  if (line.kind === 'closing') return 0n;
  if (line.kind === 'revaluation') return BigInt(line.realised) + BigInt(line.unrealised);
  return BigInt(line.amount);
};

/** Whom a line concerns. */
export const subjectsOfLine = (line: OpenLine): readonly (SubjectKey | null)[] => {
  if (line.kind === 'settlement') return [driverKey(line.driver)];
  if (line.kind === 'operator') return [assetKey(line.vehicle), partyKey(line.payee)];
  return [line.vehicle && assetKey(line.vehicle)];
};

import type { PostingRule } from '#domain/finance/postingRule.ts';
import { assetsRule } from './assets.ts';
import { driverAccountRule } from './driverAccount.ts';
import { finesRule } from './fines.ts';
import { operatorPaymentsRule } from './operatorPayments.ts';
import { payoutPaymentsRule, payoutsRule } from './payouts.ts';
import { partsRule, repairsRule } from './repairs.ts';
import { revaluationRule } from './revaluation.ts';
import { stockRule } from './stock.ts';

/** Every rule by which facts become entries. */
export const postingRules: readonly PostingRule[] = [
  finesRule,
  partsRule,
  repairsRule,
  stockRule,
  driverAccountRule,
  payoutsRule,
  payoutPaymentsRule,
  operatorPaymentsRule,
  assetsRule,
  revaluationRule,
];

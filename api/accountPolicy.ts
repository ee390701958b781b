import { API, type Row, readers, row, staff } from './policyRow.ts';

/** The part of the policy that is about drivers' accounts and plans. */
export const accountPolicy: Readonly<Record<string, Row>> = {
  [`GET ${API}/drivers/:driver_id/account`]: row('see what a driver owes and has deposited', {
    ...readers,
    driver: 'own',
  }),
  [`GET ${API}/drivers/:driver_id/account/statement`]: row('see a month of a driver’s account', {
    ...readers,
    driver: 'own',
  }),
  [`POST ${API}/drivers/:driver_id/payments`]: row('record that a driver paid', staff),
  [`POST ${API}/drivers/:driver_id/deposits`]: row('take a deposit', staff),
  [`POST ${API}/drivers/:driver_id/deposits/apply`]: row('settle debts out of a deposit', staff),
  [`POST ${API}/drivers/:driver_id/deposits/refund`]: row('give a deposit back', staff),
  [`POST ${API}/drivers/:driver_id/fares`]: row('credit a driver’s share of a fare', staff),
  [`POST ${API}/drivers/:driver_id/charges/:charge_id/reverse`]: row('waive a charge', staff),
  [`POST ${API}/drivers/:driver_id/deductions`]: row('propose a deduction for damage', staff),
  [`POST ${API}/drivers/:driver_id/deductions/:deduction_id/dispute`]: row(
    'object to a deduction',
    { ...staff, driver: 'own' },
  ),
  [`POST ${API}/drivers/:driver_id/deductions/:deduction_id/uphold`]: row(
    'decide that a disputed deduction stands',
    staff,
  ),
  [`POST ${API}/drivers/:driver_id/deductions/:deduction_id/withdraw`]: row(
    'take a deduction back',
    staff,
  ),
  [`POST ${API}/drivers/:driver_id/deductions/:deduction_id/make`]: row('make a deduction', staff),
  [`GET ${API}/finance/deposits`]: row('list the deposits held', readers),
  [`PUT ${API}/plans/:code`]: row('publish what drivers pay and get', { admin: 'yes' }),
  [`GET ${API}/plans/:code`]: row('see what drivers pay and get', { ...readers, driver: 'yes' }),
};

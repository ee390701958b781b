import { API, investors, type Row, readers, row, staff } from './policyRow.ts';

/** The part of the policy that is about the chart of accounts, statements, stocks and imports. */
export const bookkeepingPolicy: Readonly<Record<string, Row>> = {
  [`GET ${API}/finance/accounts`]: row('see the chart of accounts', readers),
  [`PUT ${API}/finance/accounts/:code`]: row('put an account into the chart', { admin: 'yes' }),
  [`DELETE ${API}/finance/accounts/:code`]: row('take an account out', { admin: 'yes' }),
  [`GET ${API}/investors/:investor_id/payout-schedule`]: row(
    'what an investor was paid, and what is to come',
    investors,
  ),
  [`GET ${API}/investors/:investor_id/statements`]: row('list statements', investors),
  [`GET ${API}/investors/:investor_id/statements/:period`]: row('see a statement', investors),
  [`POST ${API}/inventory/receipts`]: row('take parts into stock', staff),
  [`POST ${API}/inventory/counts`]: row('say what was counted in a stock', staff),
  [`GET ${API}/inventory`]: row('see what is in stock', readers),
  [`POST ${API}/etl/imports`]: row('have a table taken in', { admin: 'yes' }),
  [`GET ${API}/etl/imports/:import_id`]: row('see what became of a table', readers),
  [`POST ${API}/etl/status`]: row('look for tables in the folder now', { admin: 'yes' }),
};

import { z } from 'zod';

/** The number of an account, four digits. */
export const AccountCode = z
  .string()
  .regex(/^[1-9]\d{3}$/)
  .brand<'AccountCode'>();
export type AccountCode = z.infer<typeof AccountCode>;

/**
 * What an account is, which says on which side it grows: assets and expenses by debits, the others by
 * credits.
 */
export const AccountType = z.enum(['asset', 'liability', 'equity', 'revenue', 'expense']);
export type AccountType = z.infer<typeof AccountType>;

/** An account of a chart. */
export interface Account {
  readonly code: AccountCode;
  readonly name: string;
  readonly type: AccountType;
}

const account = (code: string, type: AccountType, name: string): Account => ({
  code: AccountCode.parse(code),
  name,
  type,
});

/** The accounts that rules post to, by what they are for. */
export const ACCOUNTS = {
  bank: account('1000', 'asset', 'bank'),
  providers: account('1010', 'asset', 'clearing of payment providers'),
  receivable: account('1100', 'asset', 'receivable from drivers'),
  vehicles: account('1200', 'asset', 'vehicles at cost'),
  depreciated: account('1290', 'asset', 'accumulated depreciation'),
  stock: account('1300', 'asset', 'parts stock'),
  exchange: account('1950', 'asset', 'currency exchange'),
  suppliers: account('2000', 'liability', 'suppliers'),
  deposits: account('2100', 'liability', 'driver deposits held'),
  payableDrivers: account('2150', 'liability', 'payable to drivers'),
  payableOperator: account('2200', 'liability', 'payable to the operator'),
  advances: account('2250', 'liability', 'advances by the operator'),
  payableInvestors: account('2300', 'liability', 'payable to investors'),
  remainders: account('2310', 'liability', 'undistributed remainders'),
  reserves: account('2400', 'liability', 'asset reserves'),
  taxes: account('2500', 'liability', 'taxes'),
  contributed: account('3000', 'equity', 'contributed by investors'),
  appropriation: account('3900', 'equity', 'appropriation'),
  rentals: account('4000', 'revenue', 'rental revenue'),
  fares: account('4010', 'revenue', 'fare revenue'),
  recharged: account('4100', 'revenue', 'recharged fines'),
  repairs: account('5000', 'expense', 'repairs'),
  parts: account('5010', 'expense', 'parts used'),
  insurance: account('5020', 'expense', 'insurance'),
  fuel: account('5030', 'expense', 'fuel and charging'),
  platform: account('5040', 'expense', 'platform'),
  fines: account('5050', 'expense', 'fines of the authorities'),
  depreciation: account('5100', 'expense', 'depreciation'),
  differences: account('5900', 'expense', 'exchange differences'),
} as const satisfies Record<string, Account>;

/** The chart that a tenant begins with. */
export const DEFAULT_CHART: readonly Account[] = Object.values(ACCOUNTS);

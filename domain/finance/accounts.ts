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

const BY_CLASS = ['asset', 'liability', 'equity', 'revenue'] as const;

/**
 * What an account is by the first digit of its number: 1 assets, 2 liabilities, 3 equity, 4 revenue, above
 * it expenses.
 */
export const typeOfClass = (code: AccountCode): AccountType => {
  return BY_CLASS[Number(code[0]) - 1] ?? 'expense';
};

/** An account of a chart. */
export interface Account {
  readonly code: AccountCode;
  readonly name: string;
  readonly type: AccountType;
}

const account = (number: string, name: string): Account => {
  const code = AccountCode.parse(number);
  return { code, name, type: typeOfClass(code) };
};

/** The accounts that rules post to, by what they are for. */
export const ACCOUNTS = {
  bank: account('1000', 'bank'),
  providers: account('1010', 'clearing of payment providers'),
  receivable: account('1100', 'receivable from drivers'),
  vehicles: account('1200', 'vehicles at cost'),
  depreciated: account('1290', 'accumulated depreciation'),
  stock: account('1300', 'parts stock'),
  exchange: account('1950', 'currency exchange'),
  suppliers: account('2000', 'suppliers'),
  deposits: account('2100', 'driver deposits held'),
  payableDrivers: account('2150', 'payable to drivers'),
  payableOperator: account('2200', 'payable to the operator'),
  advances: account('2250', 'advances by the operator'),
  payableInvestors: account('2300', 'payable to investors'),
  remainders: account('2310', 'undistributed remainders'),
  reserves: account('2400', 'asset reserves'),
  taxes: account('2500', 'taxes'),
  contributed: account('3000', 'contributed by investors'),
  appropriation: account('3900', 'appropriation'),
  rentals: account('4000', 'rental revenue'),
  fares: account('4010', 'fare revenue'),
  recharged: account('4100', 'recharged fines'),
  disposalGains: account('4900', 'gains on disposal of vehicles'),
  repairs: account('5000', 'repairs'),
  parts: account('5010', 'parts used'),
  insurance: account('5020', 'insurance'),
  fuel: account('5030', 'fuel and charging'),
  platform: account('5040', 'platform'),
  fines: account('5050', 'fines of the authorities'),
  depreciation: account('5100', 'depreciation'),
  disposalLosses: account('5190', 'losses on disposal of vehicles'),
  differences: account('5900', 'exchange differences'),
} as const satisfies Record<string, Account>;

/** The chart that a tenant begins with. */
export const DEFAULT_CHART: readonly Account[] = Object.values(ACCOUNTS);

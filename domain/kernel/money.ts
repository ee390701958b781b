import { z } from 'zod';

/**
 * Currencies in circulation and the decimals of their minor unit where that is not two.
 * Source: ISO 4217 list one, without funds codes, metals and testing codes.
 */
const TWO_DECIMALS =
  'AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC ' +
  'CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR ' +
  'JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD ' +
  'NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN ' +
  'SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG';
const NO_DECIMALS = 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF';
const THREE_DECIMALS = 'BHD IQD JOD KWD LYD OMR TND';

const decimalsByCurrency = new Map<string, number>([
  ...TWO_DECIMALS.split(' ').map((code) => [code, 2] as const),
  ...NO_DECIMALS.split(' ').map((code) => [code, 0] as const),
  ...THREE_DECIMALS.split(' ').map((code) => [code, 3] as const),
]);

/** A currency by its three-letter code of ISO 4217. */
export const Currency = z
  .string()
  .regex(/^[A-Z]{3}$/)
  .refine((code) => decimalsByCurrency.has(code))
  .brand<'Currency'>();
export type Currency = z.infer<typeof Currency>;

/** Whole minor units as a decimal string, 18 digits at most, so that every sum of a book fits 64 bits. */
const MinorUnits = z.string().regex(/^(?:0|-?[1-9]\d{0,17})$/);

/** An amount of money: `{amount: "12345", currency: "EUR"}` is 123.45 euro. */
export const Money = z.strictObject({ amount: MinorUnits, currency: Currency });
export type Money = z.infer<typeof Money>;

/** An amount that is owed or paid: zero or more. */
export const NonNegativeMoney = Money.refine(({ amount }) => !amount.startsWith('-'));

/** How many decimals the currency's minor unit stands for: 2 for EUR, 0 for JPY, 3 for TND. */
export const decimalsOf = (currency: Currency): number => {
  const decimals = decimalsByCurrency.get(currency);
  if (decimals === undefined) throw new Error(`no such currency: ${currency}`);
  return decimals;
};

/** Minor units of an amount, for arithmetic. */
export const minorUnits = (money: Money): bigint => BigInt(money.amount);

/** Money of that many minor units. Throws beyond 18 digits. */
export const moneyOf = (minor_units: bigint, currency: Currency): Money =>
  Money.parse({ amount: minor_units.toString(), currency });

/** The sum of two amounts. Adding across currencies is a bug, so it throws. */
export const addMoney = (left: Money, right: Money): Money => {
  if (left.currency !== right.currency) throw new Error('money of two currencies has no sum');
  return moneyOf(minorUnits(left) + minorUnits(right), left.currency);
};

import fc from 'fast-check';
import { type Either, isLeft } from 'fp-ts/lib/Either.js';
import { accountOf } from '#commands/driverAccounts/aggregates.ts';
import { onAccount } from '#commands/driverAccounts/onAccount.ts';
import { issueFine, onFine } from '#commands/fines.ts';
import { changeShares, type SharesOf } from '#commands/investors/shares.ts';
import { addRepairCost, completeRepair, reportRepair } from '#commands/repairs.ts';
import { balanceIn } from '#domain/driverAccounts/accountState.ts';
import { ChargeId, type PartyId, RentalId } from '#domain/kernel/ids.ts';
import { requestOf, rightOf } from '#tests/support/ledger.ts';
import { acme, day, euro, instant, money, uuid8 } from '#tests/support/samples.ts';
import type { payoutScene } from './payoutScene.ts';

const DAYS = 28;
const HOLDERS = 3;
const DRIVERS = 2;

/** What may happen in a month; every wish may be refused. */
export const KINDS = [
  ...(['charge', 'pay', 'deposit', 'apply', 'refund', 'fine', 'repair', 'part'] as const),
  ...(['issue', 'transfer', 'redeem'] as const),
];
type Kind = (typeof KINDS)[number];

/** Something on a day of a month: of which driver or from which holder to which, and how much. */
const anyStep = fc.record({
  kind: fc.constantFrom<Kind>(...KINDS),
  on: fc.integer({ min: 1, max: DAYS }),
  driver: fc.nat(DRIVERS - 1),
  from: fc.nat(HOLDERS - 1),
  to: fc.nat(HOLDERS - 1),
  cents: fc.integer({ min: 1, max: 90_000 }),
});
type Step = typeof anyStep extends fc.Arbitrary<infer Value> ? Value : never;

/** Some months, each with what happens in it and whether its payout is taken back and made again. */
export const anyHistory = fc.array(
  fc.record({ steps: fc.array(anyStep, { minLength: 12, maxLength: 16 }), again: fc.boolean() }),
  { minLength: 3, maxLength: 3 },
);

type Scene = Awaited<ReturnType<typeof payoutScene>>;

/** Carries steps out by the use cases; answers of which kinds any was not refused. */
export const carryOut = async (
  seen: Scene,
  month: string,
  { steps, parties }: { readonly steps: readonly Step[]; readonly parties: readonly PartyId[] },
): Promise<readonly Kind[]> => {
  const { ledger, vehicle, ann, bob, parts } = seen;
  const done: Kind[] = [];
  for (const [n, step] of steps.entries()) {
    const { kind, on, cents } = step;
    const date = `${month}-${String(on).padStart(2, '0')}`;
    const at = instant(`${date}T10:00:00.000Z`);
    const driver = step.driver === 0 ? ann : bob;
    const name = `${month}-${n}`;
    const request = () => requestOf({ ...step, name });
    const amount = money(String(cents));
    const little = money(String(1 + (cents % 500)));
    const account = (build: Parameters<ReturnType<typeof onAccount>>[2]) =>
      onAccount(ledger)(request(), { driver, at, id: driver }, build);
    const shares = (of: SharesOf) =>
      changeShares(parts)(request(), {
        ...{ vehicle, of, effectiveFrom: day(date), token: null, at },
      });
    const repair = async (of: 'part' | 'labour') => {
      const found = { reason: 'wear', severity: 'minor' } as const;
      const reported = await reportRepair(ledger)(request(), {
        vehicle,
        begun: true,
        ...found,
        at,
      });
      if (isLeft(reported)) return reported;
      const { id } = reported.right;
      const line = { kind: of, reference: 'X', quantity_milli: 1_000, amount };
      const added = await addRepairCost(ledger)(request(), { repair: id, line, at });
      const over = await completeRepair(ledger)(request(), { repair: id, odometer_m: null, at });
      return isLeft(added) ? added : over;
    };
    const outcome = async (): Promise<Either<unknown, unknown>> => {
      const [from, to] = [parties[step.from], parties[step.to]];
      if (from === undefined || to === undefined) throw new Error('there are three parties');
      switch (kind) {
        case 'charge': {
          const local = uuid8(Number(month.slice(-2)) * 1_000 + n);
          const rental = RentalId.parse(`${vehicle}~${local}`);
          return account((said) => ({
            ...{ ...said, type: 'SettleCharges', vehicle, rental, voided: false, basis: null },
            due: [
              {
                ...{ charge: ChargeId.parse(local), kind: 'day', quantity_milli: 1_000 },
                ...{ span: { from: at, to: at }, plan: 'STD', planVersion: 1, when: said.when },
                ...{ net: amount, tax: money(String(cents % 100)) },
                total: money(String(cents + (cents % 100))),
              },
            ],
          }));
        }
        case 'pay':
          return account((said) => ({
            ...{ ...said, type: 'ReceivePayment', amount: little, via: 'bank', transaction: name },
          }));
        case 'deposit':
          return account((said) => ({
            ...{ ...said, type: 'TakeDeposit', amount, via: 'provider', transaction: name },
          }));
        case 'apply':
          return account((said) => ({
            ...{ ...said, type: 'ApplyDeposit', amount: little, to: 'arrears', transaction: name },
          }));
        case 'refund':
          return account((said) => ({
            ...{ ...said, type: 'RefundDeposit', amount: little, transaction: name },
          }));
        case 'fine': {
          const told = { vehicle, named: null, offence: 'speeding', reference: name, points: 1 };
          const issued = await issueFine(ledger)(request(), { ...told, amount, at });
          if (isLeft(issued)) return issued;
          const { id: fine } = issued.right;
          return onFine(ledger)(request(), { fine, at }, (when) => ({
            ...{ type: 'ConfirmFine', fine, when },
          }));
        }
        case 'repair':
          return repair('labour');
        case 'part':
          return repair('part');
        case 'issue':
          return shares({ kind, to: [{ party: to, shares: cents }] });
        case 'transfer':
          return shares({ kind, from, to, shares: cents % 40 });
        default:
          return shares({ kind, from: [{ party: from, shares: cents % 30 }] });
      }
    };
    if (!isLeft(await outcome())) done.push(kind);
  }
  return done;
};

/** What drivers have deposited by their accounts, in minor units. */
export const depositsOf = async ({ ledger, ann, bob }: Scene): Promise<bigint> => {
  let sum = 0n;
  for (const driver of [ann, bob]) {
    const { state } = rightOf(await ledger.load(accountOf(acme, driver)));
    sum += balanceIn(state, euro).deposit;
  }
  return sum;
};

import type { FineId } from '#domain/kernel/ids.ts';
import { epochMs, type Instant, instantOf } from '#domain/kernel/instant.ts';
import { minorUnits } from '#domain/kernel/money.ts';
import { asRecorded, type HeldOf, type History, happenedBy, saying } from './held.ts';
import { type Finding, finding } from './reason.ts';
import { type AccessRules, limitIn } from './rules.ts';

const DAY_MS = 86_400_000;

const isArrears = saying('ArrearsStated');
const isDeposit = saying('DepositStated');
const isCopy = saying('StandingFineCopied');

type Copy = HeldOf<'StandingFineCopied'>;

/** A fine as it stood at a moment: the last copy by then, and when it was first laid at the driver's door. */
interface StandingFine {
  readonly copy: Copy;
  readonly since: Instant;
}

/** A fine that was voided or went to somebody else never was this driver's, whenever that became known. */
const neverWas = (copy: Copy | undefined): boolean =>
  copy?.fact.data.status === 'voided' || copy?.fact.data.status === 'not_theirs';

const finesAt = (standing: History, at: Instant): readonly StandingFine[] => {
  const last = new Map<FineId, Copy>();
  for (const copy of asRecorded(standing).filter(isCopy)) last.set(copy.fact.data.fine, copy);
  const fines = new Map<FineId, StandingFine>();
  for (const copy of happenedBy(standing, at).filter(isCopy)) {
    const { fine } = copy.fact.data;
    if (neverWas(last.get(fine))) continue;
    fines.set(fine, { copy, since: fines.get(fine)?.since ?? copy.fact.when.at });
  }
  return [...fines.values()];
};

/** When the points of a fine that was laid at a driver's door at some instant count no more. */
const pointsLapseAt = (since: Instant, { points_window_days }: AccessRules): Instant =>
  instantOf(epochMs(since) + points_window_days * DAY_MS);

const fineFindings = (standing: History, at: Instant, rules: AccessRules): readonly Finding[] => {
  const fines = finesAt(standing, at);
  const unpaid = fines.filter(({ copy }) => copy.fact.data.status === 'confirmed');
  const pointed = fines.filter(
    ({ copy, since }) =>
      (copy.fact.data.status === 'confirmed' || copy.fact.data.status === 'paid') &&
      copy.fact.data.points > 0 &&
      at < pointsLapseAt(since, rules),
  );
  const points = pointed.reduce((sum, { copy }) => sum + copy.fact.data.points, 0);
  const copies = (of: readonly StandingFine[]) => of.map(({ copy }) => copy);
  return [
    ...(unpaid.length > rules.unpaid_fines_max ? [finding('fines_unpaid', copies(unpaid))] : []),
    ...(points > rules.points_max ? [finding('points_exceeded', copies(pointed))] : []),
  ];
};

const moneyFindings = (happened: History, rules: AccessRules): readonly Finding[] => {
  const arrears = happened.filter(isArrears).at(-1);
  const deposit = happened.filter(isDeposit).at(-1);
  const found: Finding[] = [];
  if (arrears) {
    const owed = arrears.fact.data.arrears;
    const most = limitIn(rules.arrears_max, owed.currency) ?? 0n;
    if (minorUnits(owed) > most) found.push(finding('arrears_exceeded', [arrears]));
  }
  if (!deposit && rules.deposit_min.length > 0) found.push(finding('deposit_short', []));
  if (deposit) {
    const { deposit: paid } = deposit.fact.data;
    const least = limitIn(rules.deposit_min, paid.currency) ?? 0n;
    if (minorUnits(paid) < least) found.push(finding('deposit_short', [deposit]));
  }
  return found;
};

/** What a driver owes that speaks against driving, by the thresholds of some rules. */
export const standingFindings = (
  standing: History,
  at: Instant,
  rules: AccessRules,
): readonly Finding[] => [
  ...moneyFindings(happenedBy(standing, at), rules),
  ...fineFindings(standing, at, rules),
];

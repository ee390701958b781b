import { left, right } from 'fp-ts/lib/Either.js';
import { canonicalJson } from '#domain/kernel/canonical.ts';
import type { EventId } from '#domain/kernel/ids.ts';
import { fact } from '#domain/kernel/registry.ts';
import type { AccountState, Charge } from './accountState.ts';
import type { ReverseCharge, SettleCharges } from './commands.ts';
import { type Decision, foreign, nothing } from './decideMovement.ts';
import { type AccountEvent, DriverCharged, DriverChargeReversed } from './events.ts';

/** As many events as one decision makes; what is left over is decided when the same is asked again. */
export const SETTLED_AT_ONCE_MAX = 200;

/** A correction acts at the time of what it corrects. */
const reversal = (
  { charged: { data, when } }: Charge,
  why: Pick<AccountEvent & { type: 'DriverChargeReversed' }, 'data'>['data']['reason'],
  basis: EventId | null,
): AccountEvent => {
  const { driver, park, vehicle, rental, charge, net, tax, total } = data;
  const concerned = { driver, park, vehicle, rental, charge, net, tax, total };
  return fact(DriverChargeReversed, when, { ...concerned, reason: why, basis });
};

const chargeOf = (
  { driver, park, vehicle, rental }: SettleCharges,
  { when, ...due }: SettleCharges['due'][number],
): Extract<AccountEvent, { type: 'DriverCharged' }> =>
  fact(DriverCharged, when, { driver, park, vehicle, rental, ...due });

/** Why a charge no longer stands as it does. */
const changeOf = ({ voided }: SettleCharges, { charged }: Charge) => {
  if (voided) return 'rental_voided';
  return charged.data.kind === 'kilometres' ? 'trips_changed' : 'rental_changed';
};

/**
 * Charges what is due and not charged yet, and takes back what is charged and not due, or not like that:
 * never an edit. What somebody waived stays waived.
 */
export const settleCharges = (command: SettleCharges, state: AccountState): Decision => {
  const { due, rental, home, basis } = command;
  const [first] = due;
  const refused = first && foreign(state, { currency: first.total.currency, home });
  if (refused) return left(refused);
  const wanted = new Map(due.map((each) => [each.charge, chargeOf(command, each)]));
  const back: AccountEvent[] = [];
  const missing = new Map(wanted);
  for (const [id, held] of state.charges) {
    if (held.charged.data.rental !== rental || held.status === 'reversed') continue;
    const same = wanted.get(id);
    const stands = same && canonicalJson(same.data) === canonicalJson(held.charged.data);
    if (held.status === 'waived' || stands) missing.delete(id);
    else back.push(reversal(held, changeOf(command, held), basis));
  }
  return right([...back, ...missing.values()].slice(0, SETTLED_AT_ONCE_MAX));
};

/** Takes a charge back because the operator says so; it is not charged again. */
export const reverseCharge = ({ charge, reason }: ReverseCharge, state: AccountState): Decision => {
  const held = state.charges.get(charge);
  if (!held) return left({ code: 'ChargeUnknown', charge });
  if (held.status === 'waived') return nothing;
  if (held.status === 'reversed') return left({ code: 'ChargeReversed', charge });
  return right([reversal(held, reason, null)]);
};

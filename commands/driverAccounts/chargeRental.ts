import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import { logbookOf, vehicleOf } from '#commands/aggregate.ts';
import type { HandleFailure } from '#commands/handle.ts';
import { deriveUuid, freshCommandId } from '#commands/identity.ts';
import { momentOf, plusDays, startOfDay } from '#commands/localDate.ts';
import type { Unavailable } from '#commands/ports.ts';
import { everywhere, type Request, type Workspace } from '#commands/workspace.ts';
import { SETTLED_AT_ONCE_MAX } from '#domain/driverAccounts/decideCharge.ts';
import {
  ChargeId,
  type EventId,
  type RentalId,
  type Tenant,
  vehicleOf as vehicleIn,
} from '#domain/kernel/ids.ts';
import { epochMs, type Instant, instantOf, type LocalDate } from '#domain/kernel/instant.ts';
import { type ChargeDue, chargesDue, type RentalDay } from '#domain/plans/chargesDue.ts';
import type { PlanVersion } from '#domain/plans/terms.ts';
import type { Rental } from '#domain/registry/vehicleState.ts';
import { segmentsOf, tripOf } from '#domain/trips/logbookState.ts';
import { accountOf } from './aggregates.ts';
import { type AccountFailure, currencyOf } from './onAccount.ts';
import { planVersions } from './plans.ts';

/** A week that has begun ends at most that many days later. */
const DAYS_AHEAD = 7;
/** How soon a rental is looked at again whose plan nobody has published yet. */
const UNPUBLISHED_LOOK_MS = 600_000;
/** More events than any rental can need; whatever is left over is charged at the next look. */
const ROUNDS_MAX = 50;

/** Metres by the local day on which a trip of the rental ended. */
const metresByDay =
  ({ load }: Workspace) =>
  async (
    tenant: Tenant,
    { rental, zone }: Rental,
  ): Promise<Either<Unavailable, ReadonlyMap<LocalDate, number>>> => {
    const loaded = await load(logbookOf(tenant, vehicleIn(rental)));
    if (isLeft(loaded)) return loaded;
    const { state } = loaded.right;
    const metres = new Map<LocalDate, number>();
    for (const { trips } of segmentsOf(state)) {
      for (const trip of trips.values()) {
        // Only the newest word on a trip counts: an amendment may lie in a later segment.
        if (trip.rental !== rental || tripOf(state, trip.trip) !== trip) continue;
        if (trip.voided || trip.to === null || !trip.measure) continue;
        const on = momentOf(trip.to, zone).localDate;
        metres.set(on, (metres.get(on) ?? 0) + trip.measure.distance_m);
      }
    }
    return right(metres);
  };

const daysOf = (
  { from, zone }: Rental,
  until: Instant,
  metres: ReadonlyMap<LocalDate, number>,
): readonly RentalDay[] => {
  const last = plusDays(momentOf(until, zone).localDate, DAYS_AHEAD);
  const days: RentalDay[] = [];
  for (let date = momentOf(from, zone).localDate; date <= last; ) {
    const next = plusDays(date, 1);
    const span = { from: startOfDay(date, zone), to: startOfDay(next, zone) };
    days.push({ date, ...span, distance_m: metres.get(date) ?? 0 });
    date = next;
  }
  return days;
};

const none: ReadonlyMap<LocalDate, number> = new Map();

/** The id of the charge of a stretch: the same whatever comes out for it. */
const withId =
  (rental: RentalId) =>
  (due: ChargeDue): ChargeDue & { readonly charge: ChargeId } => ({
    ...due,
    charge: ChargeId.parse(deriveUuid('charge', rental, due.kind, due.span.from)),
  });

/** The next instant at which something else may be due, if nothing else becomes known. */
const nextLook = (
  days: readonly RentalDay[],
  due: readonly ChargeDue[],
  until: Instant,
): Instant | null => {
  const ends = [...days.map(({ to }) => to), ...due.map(({ span }) => span.to)];
  return ends.filter((end) => end > until).sort()[0] ?? null;
};

const dueOf =
  (workspace: Workspace) =>
  async (
    tenant: Tenant,
    {
      rental,
      versions,
      until,
    }: { rental: Rental; versions: readonly PlanVersion[]; until: Instant },
  ) => {
    const byDistance = versions.some(({ terms }) => terms.distance !== null);
    const metres = byDistance ? await metresByDay(workspace)(tenant, rental) : right(none);
    if (isLeft(metres)) return metres;
    const days = daysOf(rental, until, metres.right);
    const due = chargesDue(rental, versions, days, until).map(withId(rental.rental));
    return right({ due, next: nextLook(days, due, until) });
  };

/**
 * Brings what a driver was charged for a rental into line with what is due by an instant. It goes by what
 * the vehicle, its logbook and the plan say now and by what the account holds, so it can be asked for at any
 * time and as often as one likes: whoever was killed half-way asks again. Answers when to look again, null:
 * no more. A rental without a published plan is charged nothing.
 */
export const chargeRental =
  (workspace: Workspace) =>
  async (
    { origin }: Request,
    asked: {
      readonly rental: RentalId;
      readonly until: Instant;
      /** The event that may have changed something; null where only time has passed. */
      readonly basis: EventId | null;
    },
  ): Promise<Either<AccountFailure | HandleFailure, Instant | null>> => {
    const { rental: id, until, basis } = asked;
    const { tenant } = origin;
    const vehicle = vehicleIn(id);
    const loaded = await workspace.load(vehicleOf(tenant, vehicle));
    if (isLeft(loaded)) return loaded;
    const rental = loaded.right.state.vehicle?.rentals.get(id);
    if (!rental || rental.plan === null) return right(null);
    const versions = await planVersions(workspace)(tenant, rental.plan);
    if (isLeft(versions)) return versions;
    if (versions.right.length === 0) return right(instantOf(epochMs(until) + UNPUBLISHED_LOOK_MS));
    const reckoned = await dueOf(workspace)(tenant, { rental, versions: versions.right, until });
    if (isLeft(reckoned)) return reckoned;
    const home = await currencyOf(workspace)(tenant, rental.park);
    if (isLeft(home)) return home;
    const { due, next } = reckoned.right;
    const { driver, park, voided, zone } = rental;
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      const done = await workspace.submit({
        // What is decided follows from what the account holds, so that each time is a command of its own.
        origin: { ...origin, command: freshCommandId() },
        aggregate: accountOf(tenant, driver),
        command: {
          type: 'SettleCharges',
          ...{ driver, park, vehicle, rental: id, home: home.right },
          ...{ due, voided, basis, when: momentOf(until, zone) },
        },
        authorize: everywhere,
      })();
      if (isLeft(done)) return done;
      if (done.right.events.length < SETTLED_AT_ONCE_MAX) break;
    }
    return right(voided ? null : next);
  };

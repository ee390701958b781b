import { registerDriver } from '#commands/drivers.ts';
import { deriveUuid } from '#commands/identity.ts';
import { recordIncident } from '#commands/incidents.ts';
import { openPark } from '#commands/parks.ts';
import { endRental, startRental } from '#commands/rentals.ts';
import { endTrip, recordTrip, startTrip } from '#commands/trips.ts';
import { onVehicle, registerVehicle } from '#commands/vehicles.ts';
import type { Workspace } from '#commands/workspace.ts';
import { unmeasured } from '#domain/incidents/events.ts';
import {
  type DriverId,
  type ParkId,
  PartyId,
  type RentalId,
  type Tenant,
  type VehicleId,
} from '#domain/kernel/ids.ts';
import { Instant, instantOf, Zone } from '#domain/kernel/instant.ts';
import { Currency } from '#domain/kernel/money.ts';
import { type Ask, at, type Cast, must, parks, planOf, requests, the } from './cast.ts';
import { DEMO_DAYS, DEMO_DRIVERS, DEMO_VEHICLES, fleetPlan, type Step } from './fleetPlan.ts';
import { performPaperwork } from './paperwork.ts';

const DAY_MS = 86_400_000;
/** Long enough ago for recorded drives of other years. */
const FOUNDED = Instant.parse('2021-01-01T00:00:00.000Z');

const models = [
  { make: 'Dacia', model: 'Logan' },
  { make: 'Renault', model: 'Clio' },
  { make: 'Toyota', model: 'Corolla' },
] as const;

/**
 * What was filled in, for whoever shows it: the vehicle and driver that wait for the recorded drives come
 * first.
 */
export interface Demo {
  readonly parks: readonly ParkId[];
  readonly vehicles: readonly VehicleId[];
  readonly drivers: readonly DriverId[];
  readonly rentals: readonly RentalId[];
}

interface Options {
  readonly tenant: Tenant;
  readonly seed: string;
  /** The midnight at which the made-up history ends. */
  readonly until: Instant;
  /** How many steps of the plan to take, null for all: a fleet that is there already needs none. */
  readonly steps?: number | null;
  readonly progress: (done: number, total: number) => void;
}

const found = async (ledger: Workspace, ask: Ask, cast: Cast, joined: Instant): Promise<void> => {
  for (const park of parks) {
    const { code, name } = park;
    const zone = Zone.parse(park.zone);
    const asked = { code, name, zone, currency: Currency.parse(park.currency), at: FOUNDED };
    cast.parks.push(must(await openPark(ledger)(ask(asked), asked), asked).id);
  }
  for (let index = 0; index < DEMO_DRIVERS; index += 1) {
    const asked = {
      park: at(cast.parks, index % cast.parks.length),
      details: {
        identity: { given_name: 'Demo', family_name: `Driver ${index}`, birth_date: null },
        contact: { phone: null, email: `driver${index}@demo.example`, address: null },
      },
      at: index === 0 ? FOUNDED : joined,
    };
    cast.drivers.push(must(await registerDriver(ledger)(ask({ index }), asked), index).id);
  }
  for (let index = 0; index < DEMO_VEHICLES; index += 1) {
    const number = String(index).padStart(4, '0');
    const asked = {
      park: at(cast.parks, index % cast.parks.length),
      owner: PartyId.parse(deriveUuid('demo-owner', String(index % 7))),
      vin: `VF1DEM00000${number.padStart(6, '0')}`,
      plate: `DEMO-${number}`,
      ...(index === 0 ? { make: 'Renault', model: 'Twizy' } : at(models, index % models.length)),
      year: index === 0 ? 2017 : 2018 + (index % 7),
      odometer_m: index * 1_500_000,
      at: index === 0 ? FOUNDED : joined,
    };
    const { id } = must(await registerVehicle(ledger)(ask({ index, ...asked }), asked), index);
    cast.vehicles.push(id);
    const ready = { vehicle: id, id, at: asked.at };
    must(
      await onVehicle(ledger)(ask({ commission: index }), ready, (_, when) => ({
        type: 'CommissionVehicle',
        vehicle: id,
        when,
      })),
      index,
    );
  }
};

const perform = async (ledger: Workspace, ask: Ask, cast: Cast, step: Step): Promise<void> => {
  const request = ask(step);
  switch (step.type) {
    case 'rent': {
      const who = {
        vehicle: at(cast.vehicles, step.vehicle),
        driver: at(cast.drivers, step.driver),
      };
      const asked = {
        ...who,
        plan: planOf(step.vehicle),
        rate: null,
        odometer_m: null,
        rest_s: null,
        at: step.at,
      };
      cast.rentals.set(step.rental, must(await startRental(ledger)(request, asked), step).id);
      return;
    }
    case 'return': {
      const rental = the(cast.rentals, step.rental);
      const asked = { rental, reason: 'returned', odometer_m: null, at: step.at } as const;
      must(await endRental(ledger)(request, asked), step);
      return;
    }
    case 'setOff': {
      const asked = { vehicle: at(cast.vehicles, step.vehicle), odometer_m: null, at: step.at };
      cast.trips.set(step.trip, must(await startTrip(ledger)(request, asked), step).id);
      return;
    }
    case 'arrive': {
      const { distance_m, max_speed_kmh } = step;
      const report = { distance_m, max_speed_kmh, over_limit_s: null };
      const asked = { trip: the(cast.trips, step.trip), report, odometer_m: null, at: step.at };
      must(await endTrip(ledger)(request, asked), step);
      return;
    }
    case 'drive': {
      const { distance_m, max_speed_kmh, over_limit_s, endedAt } = step;
      const report = { distance_m, max_speed_kmh, over_limit_s };
      const about = { vehicle: at(cast.vehicles, step.vehicle), at: step.at, endedAt };
      const asked = { ...about, report, concluded: null };
      must(await recordTrip(ledger)(request, asked), step);
      return;
    }
    case 'speed': {
      const { endedAt, max_speed_kmh } = step;
      const about = { vehicle: at(cast.vehicles, step.vehicle), named: null, trip: null };
      const asked = {
        ...unmeasured,
        ...about,
        kind: 'speeding',
        at: step.at,
        endedAt,
        max_speed_kmh,
        limit_kmh: 80,
        concluded: null,
      } as const;
      must(await recordIncident(ledger)(request, asked), step);
      return;
    }
    default:
      await performPaperwork(ledger, request, cast, step);
  }
};

/**
 * Fills a tenant with a made-up fleet: three parks, 60 vehicles, 50 drivers and 90 days of what happens to
 * them, through the same commands as everybody uses, one after another. The same seed and end give the same
 * log; begun again after an interruption it goes on, since every command is the same as the first time.
 */
export const seedDemo = async (ledger: Workspace, options: Options): Promise<Demo> => {
  const ask = requests(options, 'fleet');
  const cast: Cast = {
    parks: [],
    vehicles: [],
    drivers: [],
    rentals: new Map(),
    trips: new Map(),
    fines: new Map(),
    repairs: new Map(),
  };
  const joined = instantOf(Date.parse(options.until) - (DEMO_DAYS + 1) * DAY_MS);
  await found(ledger, ask, cast, joined);
  const steps = fleetPlan(options.seed, options.until).slice(0, options.steps ?? undefined);
  let done = 0;
  for (const step of steps) {
    await perform(ledger, ask, cast, step);
    done += 1;
    options.progress(done, steps.length);
  }
  const { parks: opened, vehicles, drivers, rentals } = cast;
  return { parks: opened, vehicles, drivers, rentals: [...rentals.values()] };
};

import { fitDevice } from '#commands/devices.ts';
import { deriveUuid } from '#commands/identity.ts';
import { giveBlockNotice, installImmobilizer } from '#commands/immobilization/requests.ts';
import { publishImmobilizationRules } from '#commands/immobilization/rules.ts';
import { openPark } from '#commands/parks.ts';
import { onVehicle } from '#commands/vehicles.ts';
import { defaultRules } from '#domain/immobilization/rules.ts';
import { DeviceIdent, DriverId, RentalId, type VehicleId } from '#domain/kernel/ids.ts';
import { Zone } from '#domain/kernel/instant.ts';
import type { OpenLedger } from '#main/openLedger.ts';
import { starter } from '#tests/support/immobilizer.ts';
import { fleetVehicle, requestOf, rightOf, springMorning } from '#tests/support/ledger.ts';
import { euro } from '#tests/support/samples.ts';
import { inChunks } from './inChunks.ts';

const AT_ONCE = 32;
const NOTICE = { step: 'notice', mode: 'letter' } as const;

/**
 * What a vehicle does while it is to be blocked. `lost`: its device was just heard and is gone since;
 * `silent`: it was not heard for long.
 */
export type Conduct = 'parked' | 'moving' | 'lost' | 'silent';

/** A vehicle with an immobilizer; `unit` is its device's number at Wialon. */
export interface BenchVehicle {
  readonly vehicle: VehicleId;
  readonly ident: DeviceIdent;
  readonly unit: number;
  readonly conduct: Conduct;
}

/** Five in a hundred move, five are away, half of these for long. */
export const mixedConduct = (number: number): Conduct => {
  if (number % 20 === 0) return 'moving';
  if (number % 20 !== 10) return 'parked';
  return number % 40 === 10 ? 'silent' : 'lost';
};

/** A vehicle that somebody has rented and was given notice of, with a device and an immobilizer in it. */
const addVehicle =
  ({ ledger, now }: OpenLedger, park: Parameters<typeof fleetVehicle>[1]) =>
  async (unit: number, ident: DeviceIdent): Promise<VehicleId> => {
    const vehicle = await fleetVehicle(ledger, park, `VF1BENCH${String(unit).padStart(9, '0')}`);
    const at = springMorning;
    const fitting = { vehicle, ident, at, removed: null };
    rightOf(await fitDevice(ledger)(requestOf('fit'), fitting));
    const request = requestOf('rent');
    const operation = request.origin.command;
    const rental = RentalId.parse(`${vehicle}~${deriveUuid('bench', operation)}`);
    const driver = DriverId.parse(deriveUuid('driver', operation));
    // Straight to the vehicle: whether this driver may have it is not measured here.
    rightOf(
      await onVehicle(ledger)(request, { vehicle, id: rental, at: now() }, (_, when) => ({
        ...{ type: 'StartRental', vehicle, rental, driver, operation, when },
        ...{ plan: null, rate: null, odometer_m: null },
      })),
    );
    const notice = { vehicle, ...NOTICE, reference: 'bench' };
    rightOf(await giveBlockNotice(ledger)(requestOf('notice'), notice));
    const built = { vehicle, ...starter, unit: String(unit) };
    rightOf(await installImmobilizer(ledger)(requestOf('install'), built));
    return vehicle;
  };

/** A park whose rules allow blocks for money after one notice, and vehicles in it. */
export const benchFleet = async (
  open: OpenLedger,
  wanted: readonly Pick<BenchVehicle, 'unit' | 'conduct'>[],
): Promise<readonly BenchVehicle[]> => {
  const { ledger, fenceShapes } = open;
  const zone = Zone.parse('UTC');
  const asked = { code: 'B-1', name: 'Bench', currency: euro, zone, at: springMorning };
  const { id: park } = rightOf(await openPark(ledger)(requestOf(asked), asked));
  const { no_stop: _, ...rules } = defaultRules;
  const ladder = {
    jurisdiction: 'bench',
    notices: [{ step: NOTICE.step, modes_min: 1, before_s: 0 }],
    emergency_start_s: 86_400,
  };
  const published = { park, rules: { ...rules, ladder }, noStop: [] };
  rightOf(await publishImmobilizationRules(ledger, fenceShapes)(requestOf('rules'), published));
  const fleet: BenchVehicle[] = [];
  await inChunks(wanted, AT_ONCE, async ({ unit, conduct }) => {
    const ident = DeviceIdent.parse(`unit-${unit}`);
    fleet.push({ vehicle: await addVehicle(open, park)(unit, ident), ident, unit, conduct });
  });
  return fleet.toSorted((one, other) => one.unit - other.unit);
};

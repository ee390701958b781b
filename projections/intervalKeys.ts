import type { LedgerFact } from '#domain/events.ts';
import { earnedBy } from '#domain/features/revenue.ts';
import type { ProjectedEvent } from './projection.ts';

const keysOf = (fact: LedgerFact, id: string): readonly string[] => {
  switch (fact.type) {
    case 'ParkOpened':
    case 'ParkClosed':
      return [`park:${fact.data.park}/park`];
    case 'DriverRegistered':
    case 'DriverMoved':
      return [`driver:${fact.data.driver}/affiliation/${id}`];
    case 'VehicleRegistered':
      return [
        `asset:${fact.data.vehicle}/lifecycle`,
        `asset:${fact.data.vehicle}/membership/${id}`,
      ];
    case 'VehicleMoved':
      return [`asset:${fact.data.vehicle}/membership/${id}`];
    case 'VehicleRetired':
      return [`asset:${fact.data.vehicle}/lifecycle`];
    case 'VehicleCommissioned':
      return [`asset:${fact.data.vehicle}/commissioned`];
    case 'VehicleWithdrawn':
    case 'VehicleReinstated':
      return [`asset:${fact.data.vehicle}/hold/${id}`];
    case 'RentalStarted':
    case 'RentalEnded':
    case 'RentalRecorded':
    case 'RentalVoided':
      return [`rental:${fact.data.rental}/rental`];
    case 'RepairRequested':
      return [`repair:${fact.data.repair}/defect`];
    case 'RepairOpened':
    case 'RepairCompleted':
    case 'RepairCancelled':
      return [`repair:${fact.data.repair}/repair`, `repair:${fact.data.repair}/defect`];
    case 'TripStarted':
    case 'TripEnded':
    case 'TripRecorded':
    case 'TripAmended':
    case 'TripVoided':
      return [`trip:${fact.data.trip}/trip`];
    case 'FineIssued':
    case 'FineDisputed':
    case 'FineConfirmed':
    case 'FineVoided':
    case 'FinePaid':
    case 'FineReattributed':
      return [`fine:${fact.data.fine}/fine`];
    case 'DeviceFitted':
    case 'DeviceRemoved':
    case 'DeviceFittingVoided':
      return [`asset:${fact.data.vehicle}/fitting/${fact.data.fitting}`];
    case 'EntryPosted':
      return earnedBy(fact.data.lines) ? [`entry:${fact.data.entry}/revenue`] : [];
    case 'ConditionNoted':
    case 'ConditionAmended':
    case 'ConditionVoided':
      return [`condition:${fact.data.condition}/condition`];
    default:
      return [];
  }
};

/**
 * The intervals of which an event says something, by their keys: `<subject>/<kind>` or
 * `<subject>/<kind>/<event>`, of fittings with their id. Only the first event of a condition tells its kind,
 * so `condition` stands for it there.
 */
export const intervalsTouched = ({ fact, id }: ProjectedEvent): readonly string[] =>
  keysOf(fact, id);

import { accountDays } from './accountDays.ts';
import { assetTimeline } from './assetTimeline.ts';
import { bankExceptions } from './bankExceptions.ts';
import { bookMonths } from './bookMonths.ts';
import { conditions } from './conditions.ts';
import { deviceBindings } from './deviceBindings.ts';
import { driverAccountEntries } from './driverAccountEntries.ts';
import { driverAccounts } from './driverAccounts.ts';
import { driverDay } from './driverDay.ts';
import { drivers } from './drivers.ts';
import { fines } from './fines.ts';
import { holdings } from './holdings.ts';
import { immobilizations } from './immobilizations.ts';
import { incidents } from './incidents.ts';
import { intervals } from './intervals.ts';
import { journalEntries } from './journalEntries.ts';
import { lockouts } from './lockouts.ts';
import { parks } from './parks.ts';
import { parties } from './parties.ts';
import type { AnyProjection } from './projection.ts';
import { rentals } from './rentals.ts';
import { repairs } from './repairs.ts';
import { runs } from './runs.ts';
import { standings } from './standings.ts';
import { stocks } from './stocks.ts';
import { trips } from './trips.ts';
import { users } from './users.ts';
import { vehicles } from './vehicles.ts';

/** Every read model there is. */
export const readModels: readonly AnyProjection[] = [
  vehicles,
  drivers,
  trips,
  fines,
  incidents,
  conditions,
  repairs,
  rentals,
  parks,
  driverDay,
  assetTimeline,
  standings,
  intervals,
  deviceBindings,
  lockouts,
  immobilizations,
  users,
  parties,
  holdings,
  journalEntries,
  accountDays,
  bookMonths,
  driverAccounts,
  driverAccountEntries,
  runs,
  bankExceptions,
  stocks,
];

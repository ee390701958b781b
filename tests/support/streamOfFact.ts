import type { LedgerFact } from '#domain/events.ts';
import type { Tenant } from '#domain/kernel/ids.ts';

const ACCOUNT = /^(?:Driver(?:Charge|Paid|Pay)|Deposit[ATR]|Deduction|FareShare|Payable)/;

/** The stream that a fact goes to, near enough: one per thing that has a stream of its own. */
export const streamOf = ({ type, data }: LedgerFact, tenant: Tenant): string => {
  if (ACCOUNT.test(type) && 'driver' in data) return `account-${tenant}.${data.driver}`;
  if ('run' in data) return `run-${tenant}.${data.run.split('~')[0]}`;
  if ('stock' in data) return `stock-${tenant}.${data.stock}`;
  if ('exception' in data) return `bank-${tenant}.${data.exception}`;
  if ('book' in data) return `journal-${tenant}.${data.book}-202603`;
  if ('planId' in data) return `plan-${tenant}.${data.planId}`;
  if (type.startsWith('Party') && 'party' in data) return `party-${tenant}.${data.party}`;
  if ('user' in data && !('vehicle' in data)) return `user-${tenant}.${data.user}`;
  if (type.startsWith('Trip') && 'vehicle' in data) return `logbook-${tenant}.${data.vehicle}-0`;
  if ('fine' in data && 'vehicle' in data) return `fine-${tenant}.${data.fine}`;
  if ('condition' in data) return `condition-${tenant}.${data.condition}`;
  if ('incident' in data) return `incident-${tenant}.${data.incident}`;
  if ('decision' in data) return `access-${tenant}.${data.driver}`;
  if ('vehicle' in data) return `vehicle-${tenant}.${data.vehicle}`;
  if ('driver' in data) return `driver-${tenant}.${data.driver}`;
  if ('subject' in data && typeof data.subject === 'object') {
    const { kind, id } = data.subject;
    return `${kind}-${tenant}.${id}`;
  }
  return 'park' in data ? `park-${tenant}.${data.park}` : `ops-${tenant}.202603`;
};

import type { LedgerFact } from '#domain/events.ts';
import { PartsCounted, PartsReceived, PartsTaken } from '#domain/inventory/events.ts';
import { StockId } from '#domain/kernel/ids.ts';
import type { Moment } from '#domain/kernel/instant.ts';
import { fact } from '#domain/kernel/registry.ts';
import { basis, berlin, money, uuid8, van } from '#tests/support/samples.ts';

const of = { stock: StockId.parse(uuid8(0x5a)), park: berlin, part: 'BRAKE-PAD' };
const some = { quantity_milli: 2_000, amount: money('4000') };

/** What may happen to the stock of a part. */
export const stockFactsAt = (when: Moment): readonly LedgerFact[] => [
  fact(PartsReceived, when, { ...of, ...some, transaction: 'R-1' }),
  fact(PartsTaken, when, { ...of, ...some, vehicle: van, basis }),
  fact(PartsCounted, when, {
    ...{ ...of, quantity_milli: 1_000, value: money('2500'), reason: 'stocktaking' },
    ...{ transaction: 'C-1', before: { quantity_milli: -1_000, value: '-2500' } },
  }),
];

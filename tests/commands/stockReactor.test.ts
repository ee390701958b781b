import { describe, expect, it } from 'vitest';
import { memoryEventStore, memoryLog } from '#adapters/memoryEventStore.ts';
import { onStock } from '#commands/inventory/stock.ts';
import { stockReactor } from '#commands/reactors/stockReactor.ts';
import { addRepairCost, reportRepair } from '#commands/repairs.ts';
import { PartsCounted } from '#domain/inventory/events.ts';
import { ParkId } from '#domain/kernel/ids.ts';
import {
  allEvents,
  leftOf,
  requestOf,
  rightOf,
  smallFleet,
  testLedger,
} from '#tests/support/ledger.ts';
import { memoryMarks, settle } from '#tests/support/reactorHarness.ts';
import { instant, money, uuid8 } from '#tests/support/samples.ts';

const at = instant('2026-03-02T09:00:00.000Z');

describe('the stock of a park', () => {
  it('knows what repairs used, so that a count finds what is missing', async () => {
    const store = memoryEventStore(memoryLog());
    const { ledger } = testLedger(store);
    const { park, vehicle } = await smallFleet(ledger);
    const of = { park, part: 'BRAKE-PAD', at };
    const receipt = { quantity_milli: 4_000, amount: money('8000'), transaction: 'R-1' };
    rightOf(await onStock(ledger)(requestOf(1), of, { type: 'ReceiveParts', ...receipt }));
    const found = { vehicle, reason: 'wear', severity: 'minor', begun: true, at } as const;
    const { id: repair } = rightOf(await reportRepair(ledger)(requestOf(2), found));
    const lines = [
      { kind: 'part', reference: 'BRAKE-PAD', quantity_milli: 1_000, amount: money('2000') },
      { kind: 'labour', reference: 'HOUR', quantity_milli: 500, amount: money('3000') },
    ] as const;
    for (const line of lines) {
      rightOf(await addRepairCost(ledger)(requestOf(line), { repair, line, at }));
    }
    await settle(store, memoryMarks(), stockReactor(ledger));
    // A reactor whose mark was lost sees everything again.
    await settle(store, memoryMarks(), stockReactor(ledger));
    const count = { quantity_milli: 2_000, value: money('4000'), reason: 'stocktaking' };
    const counting = { type: 'CountParts', ...count, transaction: 'C-1' } as const;
    rightOf(await onStock(ledger)(requestOf(3), of, counting));
    const counted = (await allEvents(store)).filter(({ type }) => type === PartsCounted.type);
    expect(counted.map(({ data }) => data['before'])).toEqual([
      { quantity_milli: 3_000, value: '6000' },
    ]);
    const nowhere = { ...of, park: ParkId.parse(uuid8(0xdead)) };
    const unknown = await onStock(ledger)(requestOf(4), nowhere, counting);
    expect(leftOf(unknown).code).toBe('ParkUnknown');
  });
});

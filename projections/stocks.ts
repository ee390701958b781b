import { z } from 'zod';
import { Reference } from '#domain/kernel/fields.ts';
import { ParkId, StockId } from '#domain/kernel/ids.ts';
import { Instant } from '#domain/kernel/instant.ts';
import { Money, minorUnits, moneyOf } from '#domain/kernel/money.ts';
import { stockKey } from '#domain/kernel/subjects.ts';
import type { ProjectedEvent, Projection } from './projection.ts';
import { after, lastEvent } from './rowFields.ts';

/** What is there of a part in a park, and what it is worth; `countedAt` is null before the first count. */
export const StockRow = z.strictObject({
  stock: StockId,
  park: ParkId,
  part: Reference,
  quantity_milli: z.int(),
  value: Money,
  countedAt: Instant.nullable(),
  ...lastEvent,
});
export type StockRow = z.infer<typeof StockRow>;

const evolve = (row: StockRow | null, event: ProjectedEvent): StockRow | null => {
  const { fact } = event;
  const moved = (by: -1 | 1): StockRow | null => {
    if (fact.type !== 'PartsReceived' && fact.type !== 'PartsTaken') return row;
    const { stock, park, part, quantity_milli, amount } = fact.data;
    const before = row?.value ?? moneyOf(0n, amount.currency);
    const value = moneyOf(minorUnits(before) + BigInt(by) * minorUnits(amount), before.currency);
    const held_milli = (row?.quantity_milli ?? 0) + by * quantity_milli;
    const countedAt = row?.countedAt ?? null;
    return { stock, park, part, quantity_milli: held_milli, value, countedAt, ...after(event) };
  };
  switch (fact.type) {
    case 'PartsReceived':
      return moved(1);
    case 'PartsTaken':
      return moved(-1);
    case 'PartsCounted': {
      const { stock, park, part, quantity_milli, value } = fact.data;
      return { stock, park, part, quantity_milli, value, countedAt: fact.when.at, ...after(event) };
    }
    default:
      return row;
  }
};

/** The stock of every part of every park, by its id. */
export const stocks: Projection<StockRow> = {
  name: 'stocks',
  version: 1,
  row: StockRow,
  handles: ['PartsReceived', 'PartsCounted', 'PartsTaken'],
  keys: ({ fact }) => ('stock' in fact.data ? [fact.data.stock] : []),
  evolve,
  subject: (key) => stockKey(StockId.parse(key)),
  columns: {
    park: { path: ['park'], type: 'text' },
    part: { path: ['part'], type: 'text' },
  },
  indexes: [['park', 'part'], ['part']],
};

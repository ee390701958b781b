import { z } from 'zod';
import { Code, Reference } from '#domain/kernel/fields.ts';
import { EventId, ParkId, StockId, VehicleId } from '#domain/kernel/ids.ts';
import { NonNegativeMoney } from '#domain/kernel/money.ts';
import { eventType, type Fact } from '#domain/kernel/registry.ts';
import { assetKey, parkKey, stockKey, subjects } from '#domain/kernel/subjects.ts';

/** Thousandths of a piece or litre, as repairs count them. */
const QUANTITY_MAX_MILLI = 1_000_000_000;
/** What many receipts and uses come to; below zero where more was used than ever came. */
const HELD_MAX_MILLI = Number.MAX_SAFE_INTEGER;
const Minor = z.string().regex(/^(?:0|-?[1-9]\d{0,17})$/);

const about = { stock: StockId, park: ParkId, part: Reference };
type About = z.infer<z.ZodObject<typeof about>>;
const concerned = ({ stock, park }: About) => subjects(stockKey(stock), parkKey(park));

export const PartsReceived = eventType({
  type: 'PartsReceived',
  about:
    'Parts came into the stock of a park. `transaction` is the supplier’s own: the same is taken once. `amount` is for all of them, and owed to the supplier.',
  data: z.strictObject({
    ...about,
    quantity_milli: z.int().min(1).max(QUANTITY_MAX_MILLI),
    amount: NonNegativeMoney,
    transaction: Reference,
  }),
  subjects: concerned,
});

export const PartsCounted = eventType({
  type: 'PartsCounted',
  about:
    'Somebody counted the parts of a kind. `before` is what the stock should have held, in thousandths and minor units; the difference to it is a cost, or less of one.',
  data: z.strictObject({
    ...about,
    quantity_milli: z.int().min(0).max(HELD_MAX_MILLI),
    value: NonNegativeMoney,
    reason: Code,
    transaction: Reference,
    before: z.strictObject({
      quantity_milli: z.int().min(-HELD_MAX_MILLI).max(HELD_MAX_MILLI),
      value: Minor,
    }),
  }),
  subjects: concerned,
});

export const PartsTaken = eventType({
  type: 'PartsTaken',
  about:
    'Parts were used for a repair, as its cost line says, which is the event `basis`. It moves no money: the cost line does.',
  data: z.strictObject({
    ...about,
    quantity_milli: z.int().min(1).max(QUANTITY_MAX_MILLI),
    amount: NonNegativeMoney,
    vehicle: VehicleId,
    basis: EventId,
  }),
  subjects: (data) => subjects(...concerned(data), assetKey(data.vehicle)),
});

export const stockEvents = [PartsReceived, PartsCounted, PartsTaken] as const;
export type StockEvent = Fact<(typeof stockEvents)[number]>;

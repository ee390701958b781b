import { z } from 'zod';
import { asked } from '#api/command.ts';
import { command, created, NoParams } from '#api/commandRoute.ts';
import { OccurredAt } from '#api/fields.ts';
import { inPark, paging, read, viewOf } from '#api/reading.ts';
import type { Parts } from '#api/routes/parts.ts';
import { showList } from '#api/showList.ts';
import type { App } from '#api/zod.ts';
import { onStock } from '#commands/inventory/stock.ts';
import { PartsCounted, PartsReceived } from '#domain/inventory/events.ts';
import { Code, Reference } from '#domain/kernel/fields.ts';
import { ParkId } from '#domain/kernel/ids.ts';
import { stocks } from '#projections/stocks.ts';

const tag = 'inventory';
const received = PartsReceived.data.shape;
const counted = PartsCounted.data.shape;
const Quantity = received.quantity_milli.meta({ description: 'In thousandths.' });
const Transaction = Reference.meta({ description: 'The same is taken once for a part and park.' });
const Receipt = z.strictObject({
  park_id: ParkId,
  part: Reference,
  quantity_milli: Quantity,
  amount: received.amount.meta({ description: 'For all of them.' }),
  transaction: Transaction,
  occurred_at: OccurredAt,
});
const Count = z.strictObject({
  park_id: ParkId,
  part: Reference,
  quantity_milli: counted.quantity_milli.meta({ description: 'In thousandths.' }),
  value: counted.value,
  reason: Code,
  transaction: Transaction,
  occurred_at: OccurredAt,
});

/** The stock of parts: what comes in, what is counted, and what is there. */
export const inventoryRoutes = (app: App, { workspace, readings }: Parts): void => {
  const submit = onStock(workspace);
  const makes = { tag, makes: true, params: NoParams, target: 'content' } as const;
  app.post(
    '/inventory/receipts',
    command({ ...makes, summary: 'Take parts into the stock of a park', body: Receipt }),
    async (request, reply) => {
      const { park_id: park, part, occurred_at, ...said } = request.body;
      const of = { park, part, at: occurred_at ?? workspace.now() };
      const done = await submit(asked(request), of, { type: 'ReceiveParts', ...said });
      return created('inventory')(reply, done);
    },
  );
  app.post(
    '/inventory/counts',
    command({ ...makes, summary: 'Say how many parts were counted, and their worth', body: Count }),
    async (request, reply) => {
      const { park_id: park, part, occurred_at, ...said } = request.body;
      const of = { park, part, at: occurred_at ?? workspace.now() };
      const done = await submit(asked(request), of, { type: 'CountParts', ...said });
      return created('inventory')(reply, done);
    },
  );
  const view = viewOf(readings, stocks, inPark);
  const Query = z.strictObject({
    park_id: ParkId.optional(),
    part: Reference.optional(),
    ...paging,
  });
  app.get(
    '/inventory',
    read({
      ...{ tag, summary: 'What is there of each part', params: NoParams, query: Query },
      ...{ reply: view.page, reads: [stocks.name] },
    }),
    showList(view, null),
  );
};

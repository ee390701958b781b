import { z } from 'zod';
import { asked } from '#api/command.ts';
import { Bare, command, created, NoParams } from '#api/commandRoute.ts';
import { OccurredAt, WireZone } from '#api/fields.ts';
import { inPark, NoQuery, paging, type Readings, read, viewOf } from '#api/reading.ts';
import type { Parts } from '#api/routes/parts.ts';
import { showItem } from '#api/showItem.ts';
import { showList } from '#api/showList.ts';
import { step } from '#api/step.ts';
import type { App } from '#api/zod.ts';
import { closePark, openPark } from '#commands/parks.ts';
import type { Workspace } from '#commands/workspace.ts';
import { Label, Reference } from '#domain/kernel/fields.ts';
import { ParkId } from '#domain/kernel/ids.ts';
import { Currency } from '#domain/kernel/money.ts';
import { ParkRow, parks } from '#projections/parks.ts';

const NewPark = z.strictObject({
  code: Reference,
  name: Label,
  currency: Currency,
  zone: WireZone,
  occurred_at: OccurredAt,
});
const tag = 'parks';
const params = z.strictObject({ park_id: ParkId });

const commands = (app: App, workspace: Workspace): void => {
  app.post(
    '/parks',
    command({ tag, summary: 'Open a park', makes: true, params: NoParams, body: NewPark }),
    async (request, reply) => {
      const { occurred_at, ...park } = request.body;
      const at = occurred_at ?? workspace.now();
      return created('parks')(reply, await openPark(workspace)(asked(request), { ...park, at }));
    },
  );
  app.post(
    '/parks/:park_id/close',
    command({ tag, summary: 'Close a park for good', params, body: Bare }),
    step(workspace, (asking, { park_id: park, at }) => closePark(workspace)(asking, { park, at })),
  );
};

const views = (app: App, readings: Readings): void => {
  const view = viewOf(readings, parks, { ...inPark, column: null });
  const reads = [parks.name];
  const Query = z.strictObject({ status: ParkRow.shape.status.optional(), ...paging });
  app.get(
    '/parks',
    read({ tag, summary: 'List parks', params: NoParams, query: Query, reply: view.page, reads }),
    showList(view, null),
  );
  app.get(
    '/parks/:park_id',
    read({ tag, summary: 'See a park', params, query: NoQuery, reply: view.item, reads }),
    showItem(view, ({ park_id: park }) => ({ key: park, unknown: { code: 'ParkUnknown', park } })),
  );
};

/** Parks: places that keep vehicles, each with its time zone and its currency. */
export const parkRoutes = (app: App, { workspace, readings }: Parts): void => {
  commands(app, workspace);
  views(app, readings);
};

import { z } from 'zod';
import { NoParams } from '#api/commandRoute.ts';
import { concerning, inPark, NoQuery, paging, read, span, viewOf } from '#api/reading.ts';
import type { Parts } from '#api/routes/parts.ts';
import { showItem } from '#api/showItem.ts';
import { showList } from '#api/showList.ts';
import type { App } from '#api/zod.ts';
import { ConditionKind } from '#domain/conditions/events.ts';
import { ConditionId } from '#domain/kernel/ids.ts';
import { ConditionRow, conditions } from '#projections/conditions.ts';

const tag = 'conditions';
const params = z.strictObject({ condition_id: ConditionId });
const Query = z.strictObject({
  ...concerning,
  kind: ConditionKind.optional(),
  status: ConditionRow.shape.status.optional(),
  ...span,
  ...paging,
});

/** What telemetry showed of vehicles that is neither a trip nor a violation; nobody notes it by hand. */
export const conditionRoutes = (app: App, { readings }: Parts): void => {
  const view = viewOf(readings, conditions, inPark);
  const reads = [conditions.name];
  app.get(
    '/conditions',
    read({
      tag,
      summary: 'List what telemetry showed of vehicles',
      params: NoParams,
      query: Query,
      reply: view.page,
      reads,
    }),
    showList(view, 'started_at'),
  );
  app.get(
    '/conditions/:condition_id',
    read({ tag, summary: 'See one condition', params, query: NoQuery, reply: view.item, reads }),
    showItem(view, ({ condition_id: condition }) => ({
      key: condition,
      unknown: { code: 'ConditionUnknown', condition },
    })),
  );
};

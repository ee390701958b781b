import { isLeft } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { callerOf } from '#api/caller.ts';
import { command } from '#api/commandRoute.ts';
import { OccurredAt } from '#api/fields.ts';
import { refuse } from '#api/problem.ts';
import { inPark, read, viewOf } from '#api/reading.ts';
import { step } from '#api/step.ts';
import type { App } from '#api/zod.ts';
import { assetOf } from '#commands/assets/aggregates.ts';
import { onAsset } from '#commands/assets/onAsset.ts';
import { momentOf } from '#commands/localDate.ts';
import type { AssetState } from '#domain/assets/assetState.ts';
import { VehicleAcquired, VehicleDisposed, VehicleValued } from '#domain/assets/events.ts';
import { type Worth, worthOn } from '#domain/assets/worth.ts';
import { Code } from '#domain/kernel/fields.ts';
import { VehicleId } from '#domain/kernel/ids.ts';
import { LocalDate } from '#domain/kernel/instant.ts';
import { Money, moneyOf } from '#domain/kernel/money.ts';
import { vehicles } from '#projections/vehicles.ts';
import type { Parts } from './parts.ts';

const tag = 'assets';
const URL = '/assets/:vehicle_id';
const params = z.strictObject({ vehicle_id: VehicleId });

const { date, cost, funding, depreciation } = VehicleAcquired.data.shape;
const { value, method, source } = VehicleValued.data.shape;
const { proceeds, via } = VehicleDisposed.data.shape;
const timed = { occurred_at: OccurredAt };
const Acquisition = z.strictObject({ date, cost, funding, depreciation });
const Valuation = z.strictObject({ date, value, method, source });
const Disposal = z.strictObject({ date, proceeds, via });

const steps = (app: App, { workspace }: Parts): void => {
  const acquiring = [
    ['acquisition', 'AcquireVehicle', 'Take a vehicle into the books as an asset'],
    ['acquisition/correct', 'CorrectAcquisition', 'Say anew, and wholly, how it was acquired'],
  ] as const;
  for (const [path, type, summary] of acquiring) {
    app.post(
      `${URL}/${path}`,
      command({ tag, summary, params, body: Acquisition.extend(timed) }),
      step(workspace, (asking, { vehicle_id: vehicle, at, occurred_at: _, ...said }) =>
        onAsset(workspace)(asking, { vehicle, at }, (of) => ({ ...of, ...said, type })),
      ),
    );
  }
  app.post(
    `${URL}/valuations`,
    command({
      ...{ tag, summary: 'Say what an asset is worth from a day on, and by whose word' },
      ...{ params, body: Valuation.extend(timed) },
    }),
    step(workspace, (asking, { vehicle_id: vehicle, at, occurred_at: _, ...said }) =>
      onAsset(workspace)(asking, { vehicle, at }, (of) => ({
        ...{ ...of, ...said, type: 'ValueVehicle' },
      })),
    ),
  );
  app.post(
    `${URL}/disposal`,
    command({
      ...{ tag, summary: 'Dispose of an asset: it leaves the books with what it brought' },
      ...{ params, body: Disposal.extend(timed) },
    }),
    step(workspace, (asking, { vehicle_id: vehicle, at, occurred_at: _, ...said }) =>
      onAsset(workspace)(asking, { vehicle, at }, (of) => ({
        ...{ ...of, ...said, type: 'DisposeOfVehicle' },
      })),
    ),
  );
  app.post(
    `${URL}/disposal/void`,
    command({
      ...{ tag, summary: 'Say that an asset was not disposed of after all' },
      ...{ params, body: z.strictObject({ reason: Code, ...timed }) },
    }),
    step(workspace, (asking, { vehicle_id: vehicle, at, reason }) =>
      onAsset(workspace)(asking, { vehicle, at }, (of) => ({
        ...{ ...of, reason, type: 'VoidDisposal' },
      })),
    ),
  );
};

const Reply = z
  .strictObject({
    asset_id: VehicleId,
    at: LocalDate,
    acquisition: Acquisition.nullable().meta({ description: 'Null: it is in no books.' }),
    written_off: Money.nullable().meta({
      description: 'By the runs of the months that were over by then.',
    }),
    book_value: Money.nullable(),
    valuation: Valuation.nullable().meta({ description: 'The last one up to that day.' }),
    disposal: Disposal.nullable(),
  })
  .meta({ id: 'AssetValue' });

const withoutPark = ({
  date: on,
  proceeds: brought,
  via: over,
}: NonNullable<Worth['disposal']>) => ({
  date: on,
  proceeds: brought,
  via: over,
});

const told = (state: AssetState, at: LocalDate) => {
  const { carried, disposal, valuation } = worthOn(state, at);
  const none = { acquisition: null, written_off: null, book_value: null };
  const gone = disposal && withoutPark(disposal);
  if (!carried) return { ...none, valuation, disposal: gone };
  const { park: _, ...acquisition } = carried.acquisition;
  const of = (minor: bigint) => moneyOf(minor, acquisition.cost.currency);
  return {
    acquisition,
    written_off: of(carried.writtenOff),
    book_value: of(carried.bookValue),
    valuation,
    disposal: gone,
  };
};

/** Vehicles as assets: acquired, valued, written off, disposed of. */
export const assetValueRoutes = (app: App, parts: Parts): void => {
  const { workspace, readings } = parts;
  steps(app, parts);
  const view = viewOf(readings, vehicles, inPark);
  app.get(
    `${URL}/value`,
    read({
      ...{ tag, summary: 'What an asset cost, what is written off, and what it is worth' },
      ...{ params, query: z.strictObject({ at: LocalDate.optional() }) },
      ...{ reply: Reply, reads: [vehicles.name] },
    }),
    async (request, reply) => {
      const { vehicle_id: vehicle } = request.params;
      const row = await view.row(request, vehicle);
      if (!row) return refuse(reply, { code: 'VehicleUnknown', vehicle });
      const loaded = await workspace.load(assetOf(callerOf(request).tenant, vehicle));
      if (isLeft(loaded)) return refuse(reply, loaded.left);
      const { at = momentOf(workspace.now(), row.zone).localDate } = request.query;
      return reply.send({ asset_id: vehicle, at, ...told(loaded.right.state, at) });
    },
  );
};

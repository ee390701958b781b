import { isLeft } from 'fp-ts/lib/Either.js';
import { isVehicular } from '#audit/vehicular.ts';
import type { Held, History } from '#domain/access/held.ts';
import { replay } from '#domain/kernel/decider.ts';
import { vehicleStream } from '#domain/kernel/streams.ts';
import { vehicleDecider } from '#domain/registry/vehicle.ts';
import type { VehicleState } from '#domain/registry/vehicleState.ts';
import { compared, type Retaker } from './retaker.ts';

/** Later than any revision: the whole stream. */
const WHOLE = String(2n ** 63n - 2n);

/** The vehicle as it stood before an event of its stream. */
const before = (history: History, event: Held): VehicleState =>
  replay(
    vehicleDecider,
    history
      .slice(0, Number(event.revision))
      .flatMap(({ fact }) => (isVehicular(fact) ? [fact] : [])),
  );

/**
 * Takes the decision to send a block again: whether, by everything that its vehicle's stream held by then
 * and by the readings that were recorded with it, it was certain that the vehicle stood, and the block was
 * agreed to, due, and still of the same vehicle as when it was asked for. New blocks were allowed then:
 * that there was no switch is not in the vehicle's stream.
 */
export const dispatchRetaker: Retaker = {
  type: 'BlockDispatchStarted',
  retake: async ({ id, tenant, fact }, read) => {
    if (fact.type !== 'BlockDispatchStarted') throw new Error(`event ${id} sends no block`);
    const { job, vehicle, attempt, sightings } = fact.data;
    const history = await read(vehicleStream(tenant, vehicle), WHOLE);
    const event = history.find((held) => held.id === id);
    if (!event) return compared(fact.data, 'not in the stream of its vehicle');
    const decided = vehicleDecider.decide(
      {
        type: 'StartDispatch',
        ...{ vehicle, job, attempt, sightings, when: fact.when, newBlocksAllowed: true },
      },
      before(history, event),
    );
    const now = isLeft(decided) ? decided.left : decided.right[0]?.data;
    return compared(fact.data, now ?? null);
  },
};

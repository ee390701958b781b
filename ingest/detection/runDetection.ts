import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { Unavailable } from '#commands/ports.ts';
import type { Looked } from './lookAtWatch.ts';
import type { DueWatch, Unpublished, Watches } from './ports.ts';
import type { Published } from './publish.ts';

const WATCHES_MAX = 50;
const CONCLUSIONS_MAX = 200;
/** A device that speaks all the time is looked at four times a minute. */
const REST_US = 15_000_000;
/** How many watches are looked at, and vehicles told of, at once. */
const AT_ONCE_MAX = 4;

interface Deps {
  readonly watches: Pick<Watches, 'take' | 'unpublished'>;
  readonly look: (due: DueWatch) => Promise<Either<Unavailable, Looked>>;
  readonly publish: (asked: Unpublished) => Promise<Either<Unavailable, Published>>;
  readonly now_us: () => number;
  readonly observe: {
    readonly looked: (looked: Looked) => void;
    readonly published: (published: Published) => void;
  };
}

/** Does some work for each, a few at once; stops at the first that fails. */
const eachOf = async <Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Either<Unavailable, Result>>,
): Promise<Either<Unavailable, null>> => {
  const waiting = [...items];
  const failures: Unavailable[] = [];
  const worker = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      const done = await work(item);
      if (isLeft(done)) {
        failures.push(done.left);
        waiting.length = 0;
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE_MAX }, worker));
  const [failure] = failures;
  return failure ? left(failure) : right(null);
};

/**
 * One round of detection: looks at what is due, then tells the ledger what follows, the conclusions about one
 * vehicle one after another. Answers whether there may be more to do at once.
 */
export const detectionRound = (deps: Deps) => async (): Promise<Either<Unavailable, boolean>> => {
  const { watches, look, publish, now_us, observe } = deps;
  const due = await watches.take({
    now_us: now_us(),
    limit: WATCHES_MAX,
    rest_us: REST_US,
  })();
  if (isLeft(due)) return due;
  const looked = await eachOf(due.right, async (each) => {
    const result = await look(each);
    if (!isLeft(result)) observe.looked(result.right);
    return result;
  });
  if (isLeft(looked)) return looked;
  const found = await watches.unpublished({ now_us: now_us(), limit: CONCLUSIONS_MAX })();
  if (isLeft(found)) return found;
  const byVehicle = [...Map.groupBy(found.right, ({ key }) => key.vehicle).values()];
  const told = await eachOf(byVehicle, async (conclusions) => {
    for (const asked of conclusions) {
      const published = await publish(asked);
      if (isLeft(published)) return published;
      observe.published(published.right);
    }
    return right(null);
  });
  return isLeft(told) ? told : right(due.right.length + found.right.length > 0);
};

import { isLeft } from 'fp-ts/lib/Either.js';
import { postgresEventStore } from '#adapters/postgresEventStore.ts';
import type { AnyProjection } from '#projections/projection.ts';
import { readModels } from '#projections/readModels.ts';
import { rebuild } from '#projections/rebuild.ts';
import { rawPool } from './rig.ts';

const modelOf = (name: string): AnyProjection => {
  const found = readModels.find((model) => model.name === name);
  if (!found) throw new Error(`there is no read model ${name}`);
  return found;
};

/** Rebuilds read models by name from the log in a database; `rebuild` answers how many events a second. */
export const rebuilder = (url: string) => {
  const store = postgresEventStore({ url });
  const sql = rawPool(url, 4);
  return {
    rebuild: async (name: string): Promise<number> => {
      const rebuilt = await rebuild({
        sql,
        source: store,
        announce: async () => true,
        signal: new AbortController().signal,
      })({ projection: modelOf(name) });
      if (isLeft(rebuilt)) throw new Error(`rebuild: ${rebuilt.left.code}`);
      return rebuilt.right.events / (rebuilt.right.ms / 1_000);
    },
    end: () => Promise.all([store.close(), sql.end()]),
  };
};

import { isLeft } from 'fp-ts/lib/Either.js';
import type { Tenant } from '#domain/kernel/ids.ts';
import { explain } from '#projections/explain.ts';
import type { AnyProjection } from '#projections/projection.ts';
import { readModels } from '#projections/readModels.ts';
import { rebuild } from '#projections/rebuild.ts';
import { verify } from '#projections/verify.ts';
import { announceSwitch } from './announceSwitch.ts';
import { eventsOfSubject } from './eventsOfSubject.ts';
import type { OpenLedger } from './openLedger.ts';
import { progressBar } from './progressBar.ts';

type Say = (line: string) => void;

const chosen = (name: string, say: Say): readonly AnyProjection[] => {
  const found = name === 'all' ? readModels : readModels.filter((model) => model.name === name);
  if (found.length === 0) {
    say(
      `there is no read model ${name}; there are ${readModels.map((model) => model.name).join(', ')}`,
    );
  }
  return found;
};

const plain = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner));

/** Rebuilds one read model or all of them; answers whether readers were switched to every one. */
export const rebuildAll = async (
  { sql, store, now, platformZone }: OpenLedger,
  asked: { name: string; fromStart?: boolean; replaceDrifted?: boolean; say: Say },
): Promise<boolean> => {
  const { name, fromStart = false, replaceDrifted = false, say } = asked;
  const projections = chosen(name, say);
  let all = projections.length > 0;
  for (const projection of projections) {
    const bar = progressBar(projection.name);
    const rebuilt = await rebuild({
      sql,
      source: store,
      announce: announceSwitch(store, now, platformZone),
      progress: bar.update,
      signal: new AbortController().signal,
    })({ projection, fromStart, replaceDrifted });
    bar.stop();
    if (isLeft(rebuilt)) {
      all = false;
      say(`${projection.name}: not switched: ${plain(rebuilt.left)}`);
      continue;
    }
    const { generation, events, ms } = rebuilt.right;
    const pace = Math.round(events / (ms / 1_000));
    say(`${projection.name}: generation ${generation} from ${events} events, ${pace} a second`);
  }
  return all;
};

/** Verifies one read model or all of them against the log; answers whether none has drifted. */
export const verifyAll = async (
  { sql, store }: OpenLedger,
  { name, say }: { readonly name: string; readonly say: Say },
): Promise<boolean> => {
  const projections = chosen(name, say);
  let faithful = projections.length > 0;
  for (const projection of projections) {
    const bar = progressBar(projection.name);
    const { signal } = new AbortController();
    const verified = await verify({ sql, source: store, progress: bar.update, signal })(projection);
    bar.stop();
    if (isLeft(verified)) {
      faithful = false;
      say(`${projection.name}: not verified: ${plain(verified.left)}`);
      continue;
    }
    const { isFaithful, live, position, differing, differingRows } = verified.right;
    faithful &&= isFaithful;
    const verdict = isFaithful ? 'no drift' : `DRIFT in ${differingRows} rows: ${plain(differing)}`;
    say(`${projection.name}: ${live.rows} rows at position ${position}, ${verdict}`);
  }
  return faithful;
};

/** Explains a row; answers whether there is one. */
export const explainRow = async (
  { sql, store }: OpenLedger,
  asked: {
    readonly readModel: string;
    readonly tenant: Tenant;
    readonly key: string;
    readonly say: Say;
  },
): Promise<boolean> => {
  const { readModel, tenant, key, say } = asked;
  const [projection] = chosen(readModel, say);
  if (!projection) return false;
  const find = eventsOfSubject(sql, store);
  const explained = await explain({ sql, eventsOfSubject: find })(projection, { tenant, key });
  if (isLeft(explained)) {
    say(`${readModel} ${key}: ${explained.left.code}`);
    return false;
  }
  const { row, events, version, agrees, eventsInAll } = explained.right;
  if (row === null) {
    say(`${readModel} has no row ${key}`);
    return false;
  }
  say(JSON.stringify(row, null, 2));
  say(
    `made by version ${version} from ${eventsInAll} events${agrees ? '' : ', which do NOT give this row'}:`,
  );
  for (const { position, occurredAt, type, id } of events)
    say(`  ${position}  ${occurredAt}  ${type}  ${id}`);
  return agrees;
};

import { isLeft } from 'fp-ts/lib/Either.js';
import { leastRecentlyUsed } from '#adapters/leastRecentlyUsed.ts';
import { accessRetaker } from '#audit/decisions/accessRetaker.ts';
import { auditDecisions, byType, type DecisionsAudited } from '#audit/decisions/auditDecisions.ts';
import { dispatchRetaker } from '#audit/decisions/dispatchRetaker.ts';
import type { DecisionOnRecord, ReadSeen } from '#audit/decisions/retaker.ts';
import { type EventStore, READ_EVENTS_MAX } from '#commands/ports.ts';
import { heldEvent } from '#commands/readHistory.ts';
import type { History } from '#domain/access/held.ts';
import { decodeFact } from '#domain/events.ts';
import { parseEvent } from '#domain/kernel/event.ts';
import type { Tenant } from '#domain/kernel/ids.ts';

/** Streams that are kept at hand, so that the decisions on a vehicle do not read it from the start each. */
const STREAMS_MAX = 200;

/** Every kind of decision that can be taken again. */
const retakers = byType([accessRetaker, dispatchRetaker]);

type Log = Pick<EventStore, 'readAll' | 'readStream'>;

const away = (detail: string): Error => new Error(`the log is away: ${detail}`);

/** Reads streams as far as a revision, each from where it was left the last time. */
const seenIn = (log: Log): ReadSeen => {
  const kept = leastRecentlyUsed<History>(STREAMS_MAX);
  return async (stream, revision) => {
    if (revision === null) return [];
    const last = BigInt(revision);
    let read = kept.get(stream) ?? [];
    while (BigInt(read.length) <= last) {
      const from = BigInt(read.length);
      const page = await log.readStream({ stream, from, limit: READ_EVENTS_MAX })();
      if (isLeft(page)) throw away(page.left.detail);
      if (page.right.length === 0) break;
      read = [...read, ...page.right.map(heldEvent)];
    }
    kept.put(stream, read);
    return read.slice(0, Number(last) + 1);
  };
};

/** Every decision in a log that can be taken again, of one tenant or, null, of all. */
async function* decisionsIn(log: Log, tenant: Tenant | null): AsyncIterable<DecisionOnRecord> {
  for (let after: bigint | null = null; ; ) {
    const page = await log.readAll({ after, limit: READ_EVENTS_MAX })();
    if (isLeft(page)) throw away(page.left.detail);
    for (const { type, text, position } of page.right) {
      if (!retakers.has(type)) continue;
      const event = parseEvent(text);
      if (tenant !== null && event.tenant !== tenant) continue;
      yield { id: event.id, tenant: event.tenant, position, fact: decodeFact(event) };
    }
    const end = page.right.at(-1);
    if (!end) return;
    after = end.position;
  }
}

/**
 * Takes every recorded decision again from the log alone, and says which come out differently. Holds a page
 * of the log and some streams at a time. Throws while the log is away.
 */
export const auditLog = async (
  log: Log,
  asked: {
    readonly tenant: Tenant | null;
    readonly json: boolean;
    readonly say: (line: string) => void;
  },
): Promise<DecisionsAudited> => {
  const { tenant, json, say } = asked;
  const audited = await auditDecisions(retakers, seenIn(log))(
    decisionsIn(log, tenant),
    ({ event: { id, position, fact }, found: { recorded, now } }) => {
      const told = { event: id, type: fact.type, position: String(position), recorded, now };
      if (json) return say(JSON.stringify(told));
      say(`${position}  ${fact.type} ${id} comes out differently`);
      say(`  recorded ${JSON.stringify(recorded)}`);
      say(`  now      ${JSON.stringify(now)}`);
    },
  );
  const { taken, different } = audited;
  if (json) say(JSON.stringify({ taken, different }));
  else say(`${taken} decisions taken again, ${different} come out differently`);
  return audited;
};

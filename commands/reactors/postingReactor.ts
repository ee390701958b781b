import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import { postEntry } from '#commands/finance/postEntry.ts';
import { deriveUuid } from '#commands/identity.ts';
import type { EventStore, Unavailable } from '#commands/ports.ts';
import { readHistory } from '#commands/readHistory.ts';
import type { Workspace } from '#commands/workspace.ts';
import { type LedgerFact, ledgerEvents } from '#domain/events.ts';
import type { EntryDraft, PostingRule } from '#domain/finance/postingRule.ts';
import type { LedgerEvent } from '#domain/kernel/event.ts';
import { type Reactor, reactionTo, type Stimulus } from './reactor.ts';

const NAME = 'posting';
const POSTED_AT_ONCE = 16;

/** What the stream of an event held before it, oldest first. */
const historyBefore =
  (store: Pick<EventStore, 'readStream'>) =>
  async (until: LedgerEvent): Promise<Either<Unavailable, readonly LedgerFact[]>> => {
    const history = await readHistory(store)(until.stream);
    if (isLeft(history)) return history;
    const own = history.right.find(({ id }) => id === until.id);
    if (!own) throw new Error(`${until.stream} does not hold its event ${until.id}`);
    const before = history.right.filter(({ revision }) => revision < own.revision);
    return right(before.map(({ fact }) => fact));
  };

const isLedgerType = (type: string): type is LedgerFact['type'] => ledgerEvents.has(type);

/**
 * Posts to the journal what follows from facts, by rules. The transaction of an entry is derived from the
 * event and the rule, so an event that is seen twice is posted once.
 */
export const postingReactor = (workspace: Workspace, rules: readonly PostingRule[]): Reactor => {
  const handles = [...new Set(rules.flatMap((rule) => rule.handles))].filter(isLedgerType);
  const draftsOf = async (
    rule: PostingRule,
    { event, fact }: Stimulus,
  ): Promise<Either<Unavailable, readonly EntryDraft[]>> => {
    if (!rule.history) return right(rule.drafts(fact, []));
    const before = await historyBefore(workspace.store)(event);
    return isLeft(before) ? before : right(rule.drafts(fact, before.right));
  };
  return {
    name: NAME,
    handles,
    // Entries do not depend on each other, and each is posted once however often it is asked for.
    atOnce_max: POSTED_AT_ONCE,
    react: async (stimulus) => {
      const { event, fact } = stimulus;
      for (const rule of rules.filter((each) => each.handles.includes(fact.type))) {
        const drafts = await draftsOf(rule, stimulus);
        if (isLeft(drafts)) return drafts;
        for (const [index, draft] of drafts.right.entries()) {
          const { origin } = reactionTo(stimulus, NAME, rule.name, String(index));
          const posted = await postEntry(workspace)(origin, {
            draft,
            transaction: deriveUuid('posting', event.tenant, event.id, rule.name, String(index)),
            rule: { name: rule.name, version: rule.version },
            reason: null,
            basis: event.id,
            reverses: null,
            exchange: null,
            when: fact.when,
          });
          if (isLeft(posted)) return posted;
        }
      }
      return right(null);
    },
  };
};

import { isLeft, right } from 'fp-ts/lib/Either.js';
import type { Workspace } from '#commands/workspace.ts';
import type { Reactor } from './reactor.ts';

/**
 * Has the vault do again what the log says was erased. Nothing changes as long as vault and log are of one
 * time. But erasures that retention holds back are scheduled in the vault's database, and with an older copy
 * of that they would be forgotten: this reactor's mark lies in the same database, goes back with it, and so
 * the schedule comes back out of the log. Not vehicles: one may have been given a new identity since, while
 * drivers and parties, once erased, are never known any better.
 */
export const erasureReactor = ({ vault, now }: Workspace): Reactor => ({
  name: 'erasure',
  handles: ['SubjectErased'],
  react: async ({ event, fact }) => {
    if (fact.type !== 'SubjectErased' || fact.data.subject.kind === 'vehicle') return right(null);
    const { id: subject } = fact.data.subject;
    const erased = await vault.erase({ tenant: event.tenant, subject, at: now() })();
    return isLeft(erased) ? erased : right(null);
  },
});

import { eventIdOf } from './identity.ts';
import type { PersonalEntry } from './ports.ts';
import type { Request, Workspace } from './workspace.ts';

/** Lays personal data into the vault, under the id of the event that the request's command will write. */
export const keepPersonal =
  ({ vault, now }: Workspace) =>
  ({ origin }: Request, entries: readonly PersonalEntry[]) =>
    vault.put({ tenant: origin.tenant, event: eventIdOf(origin.command, 0), entries, at: now() })();

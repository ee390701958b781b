import type { Readings } from '#api/reading.ts';
import type { Workspace } from '#commands/workspace.ts';

/** What most routes work with: the use cases, and the read models. */
export interface Parts {
  readonly workspace: Workspace;
  readonly readings: Readings;
}

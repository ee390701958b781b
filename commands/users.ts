import { isLeft, left } from 'fp-ts/lib/Either.js';
import type { ActorId, ParkId } from '#domain/kernel/ids.ts';
import type { GrantedRights } from '#domain/users/rights.ts';
import type { UserCommand, UserRefusal } from '#domain/users/user.ts';
import { parkOf, userOf } from './aggregate.ts';
import { momentOf } from './localDate.ts';
import { everywhere, type Outcome, type Request, submitAs, type Workspace } from './workspace.ts';

/** Why a change of somebody's rights may be refused. */
export type UserFailure =
  | UserRefusal
  | { readonly code: 'OwnRights' }
  | { readonly code: 'ParkUnknown'; readonly park: ParkId };

/** What is to become of a user's rights. Changes act at once, so they have no time of their own. */
export type UserChange =
  | { readonly type: 'GrantRights' | 'RevokeRights'; readonly rights: GrantedRights }
  | { readonly type: 'SuspendUser'; readonly reason: string }
  | { readonly type: 'ReinstateUser' };

const commandOf = (change: UserChange, about: Pick<UserCommand, 'user' | 'when'>): UserCommand => ({
  ...change,
  ...about,
});

/**
 * Changes what a user may do. Nobody changes their own rights: it takes two to make somebody mighty, and an
 * admin cannot lock themselves out.
 */
export const changeUser =
  (workspace: Workspace) =>
  async ({ origin }: Request, user: ActorId, change: UserChange): Outcome<ActorId, UserFailure> => {
    const { tenant, actor } = origin;
    if (actor.id === user) return left({ code: 'OwnRights' });
    if (change.type === 'GrantRights' && change.rights.parks.kind === 'listed') {
      for (const park of change.rights.parks.parks) {
        const loaded = await workspace.load(parkOf(tenant, park));
        if (isLeft(loaded)) return loaded;
        if (loaded.right.state.phase === 'unknown') return left({ code: 'ParkUnknown', park });
      }
    }
    const when = momentOf(workspace.now(), workspace.platformZone);
    return submitAs(workspace)(user, {
      origin,
      aggregate: userOf(tenant, user),
      command: commandOf(change, { user, when }),
      authorize: everywhere,
    })();
  };

import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { userOf } from '#commands/aggregate.ts';
import { digestOf } from '#commands/digest.ts';
import { freshCommandId } from '#commands/identity.ts';
import { momentOf } from '#commands/localDate.ts';
import { platformActor } from '#commands/platform.ts';
import type { Unavailable } from '#commands/ports.ts';
import { everywhere, type Workspace } from '#commands/workspace.ts';
import { PARKS_LISTED_MAX, type ParkScope, Permission, Role } from '#domain/users/rights.ts';
import { type Carried, isSeen, type UserState } from '#domain/users/user.ts';
import type { ObserveRights } from './authenticate.ts';
import type { Caller } from './caller.ts';
import type { BorderRefusal } from './refusals.ts';

/** For how long a look at somebody's rights is good: as late as that a suspension or a grant takes effect. */
const LOOKED_MS = 1_000;

type Found = Either<BorderRefusal | Unavailable, Caller>;

interface Look {
  readonly until_ms: number;
  readonly found: Promise<Found>;
}

const scopeOf = ({ parks }: Caller): ParkScope => {
  if (parks === '*') return { kind: 'all' };
  const listed = [...parks].sort();
  return listed.length > PARKS_LISTED_MAX
    ? { kind: 'digest', digest: digestOf(listed), count: listed.length }
    : { kind: 'listed', parks: listed };
};

const carriedBy = (caller: Caller, source: string): Carried => ({
  roles: [...caller.roles],
  permissions: [...caller.permissions],
  parks: scopeOf(caller),
  driver: caller.driver,
  source,
});

/** What a token carries together with what was granted besides, and nothing at all while suspended. */
const inForce = (caller: Caller, { granted, suspended }: UserState): Found => {
  if (suspended) return left({ code: 'UserSuspended' });
  const { roles, permissions, parks } = granted;
  const everywhere = caller.parks === '*' || parks.kind === 'all';
  return right({
    ...caller,
    roles: Role.options.filter((role) => caller.roles.includes(role) || roles.includes(role)),
    permissions: new Set(
      Permission.options.filter((one) => caller.permissions.has(one) || permissions.includes(one)),
    ),
    parks: everywhere ? '*' : new Set([...caller.parks, ...parks.parks]),
  });
};

const away = left({ code: 'Unavailable', detail: 'rights cannot be recorded' } as const);

/**
 * The rights that are in force for whoever bears a token. What a token carries is in the log before it is of
 * any use, so that "who could do what then" has an answer for every moment. While the log is away nobody
 * commands; whoever was let in shortly before may read on with what is recorded of them.
 */
export const rightsInForce = (workspace: Workspace, source: string): ObserveRights => {
  const looks = new WeakMap<Caller, Look>();
  const recorded = new WeakMap<Caller, Found>();
  const look = async (caller: Caller): Promise<Found> => {
    const { tenant, actor: user } = caller;
    const aggregate = userOf(tenant, user);
    const carried = carriedBy(caller, source);
    const before = await workspace.load(aggregate);
    if (isLeft(before)) return away;
    const now = workspace.now();
    if (isSeen(before.right.state, carried, now)) return inForce(caller, before.right.state);
    const command = freshCommandId();
    const when = momentOf(now, workspace.platformZone);
    const written = await workspace.submit({
      origin: {
        tenant,
        actor: platformActor,
        command,
        content: digestOf(carried),
        correlationId: command,
        causationId: null,
      },
      aggregate,
      command: { type: 'ObserveRights', user, carried, when },
      authorize: everywhere,
    })();
    if (isLeft(written)) return away;
    const after = await workspace.load(aggregate);
    return isLeft(after) ? away : inForce(caller, after.right.state);
  };
  const fresh = (caller: Caller): Promise<Found> => {
    const last = looks.get(caller);
    if (last && Date.now() < last.until_ms) return last.found;
    const found = look(caller);
    looks.set(caller, { until_ms: Date.now() + LOOKED_MS, found });
    return found;
  };
  return async (caller, { reads }) => {
    const found = await fresh(caller);
    if (isLeft(found) && found.left.code === 'Unavailable') {
      // An outage is no answer to remember: the next request asks again.
      looks.delete(caller);
      return (reads ? recorded.get(caller) : undefined) ?? found;
    }
    recorded.set(caller, found);
    return found;
  };
};

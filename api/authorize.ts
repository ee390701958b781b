import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { Role } from '#domain/users/rights.ts';
import type { Caller } from './caller.ts';
import { POLICY } from './policy.ts';
import type { Row } from './policyRow.ts';
import type { BorderRefusal } from './refusals.ts';
import { isSteppedUp, MFA_ACR, STEP_UP_MAX_AGE_S } from './stepUp.ts';

/** Whether a route needs no token of a person: anybody may call it, or it lets in devices itself. */
export const isPublic = (route: string): boolean => {
  const who = POLICY[route]?.who;
  return who === 'everybody' || who === 'devices';
};

const columnOf = (who: Row['who'], role: Role): string => {
  if (who === 'everybody') return 'yes';
  return who === 'devices' ? '–' : (who[role] ?? '–');
};

/** What a request says beyond its route: the driver in the address, null where none is, and when it came. */
interface Asking {
  readonly driver: string | null;
  readonly now_ms: number;
}

/**
 * The first of the caller's roles that a row lets through, or why it lets none. The second factor comes last:
 * whoever may not do a thing at all is not sent to fetch one.
 */
export const judge = (
  { who, needs, stepUp }: Row,
  caller: Caller,
  { driver, now_ms }: Asking,
): Either<BorderRefusal, Role> => {
  if (who === 'everybody' || who === 'devices') return left({ code: 'RoleNotAllowed' });
  const candidates = Role.options.filter((role) => caller.roles.includes(role) && who[role]);
  if (candidates.length === 0) return left({ code: 'RoleNotAllowed' });
  const isPermitted = (role: Role): boolean =>
    needs === undefined || role === 'admin' || caller.permissions.has(needs);
  const permitted = candidates.filter(isPermitted);
  if (needs !== undefined && permitted.length === 0)
    return left({ code: 'PermissionMissing', permission: needs });
  const isOwn = caller.driver !== null && caller.driver === driver;
  const role = permitted.find((one) => who[one] !== 'own' || isOwn);
  // Whoever may see only their own file may not know which others there are.
  if (role === undefined) return left({ code: 'NotFound' });
  return stepUp && !isSteppedUp(caller.auth, now_ms)
    ? left({ code: 'StepUpRequired', acr: MFA_ACR, age_max_s: STEP_UP_MAX_AGE_S })
    : right(role);
};

/** In which role a caller may call a route by the policy, or why not. What has no row is denied. */
export const authorize = (
  route: string,
  caller: Caller,
  asking: Asking,
): Either<BorderRefusal, Role> => {
  const found = POLICY[route];
  return found === undefined ? left({ code: 'RoleNotAllowed' }) : judge(found, caller, asking);
};

/** The policy as a table in Markdown, for people. */
export const policyTable = (): string => {
  const head = ['what', 'route', ...Role.options, 'needs', 'step-up'];
  const lines = Object.entries(POLICY).map(([route, { what, who, needs, stepUp }]) => [
    what,
    `\`${route}\``,
    ...Role.options.map((role) => columnOf(who, role)),
    needs ?? '–',
    stepUp ? 'yes' : '–',
  ]);
  const widths = head.map((_, column) =>
    Math.max(...[head, ...lines].map((cells) => cells[column]?.length ?? 0)),
  );
  const toLine = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = toLine(widths.map((width) => '-'.repeat(width)));
  return `${[toLine(head), rule, ...lines.map(toLine)].join('\n')}\n`;
};

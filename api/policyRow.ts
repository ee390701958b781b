import type { Permission, Role } from '#domain/users/rights.ts';

/**
 * How far a role may go: `yes` within its parks; `own` only where the driver in the address is the
 * caller; `as self` only in the caller's own name, or of what is the caller's own, which the route sees to.
 */
type Grant = 'yes' | 'own' | 'as self';

/**
 * What a route is for, and who may: `everybody` needs no token, `devices` need one of their own, which the
 * route asks for, and an empty table lets nobody through. `needs` is a permission that everybody but an admin
 * has to have besides; `stepUp` asks for a second factor that was shown a short time ago.
 */
export interface Row {
  readonly what: string;
  readonly who: 'everybody' | 'devices' | Readonly<Partial<Record<Role, Grant>>>;
  readonly needs?: Permission;
  readonly stepUp?: true;
}

/** Who runs the fleet. */
export const staff = { operator: 'yes', admin: 'yes' } as const;
/** Who may look at it. */
export const readers = { ...staff, auditor: 'yes', analyst: 'yes' } as const;
/** Who holds what is the business of the holder, of whoever keeps the register, and of whoever checks it. */
export const investors = { ...staff, auditor: 'yes', investor: 'as self' } as const;
/** What every address begins with. */
export const API = '/api/v1';
/** Of what may leave somebody standing: for specialists, with a second factor at hand. */
export const blocking = { needs: 'immobilize', stepUp: true } as const;

/** A row of the policy. */
export const row = (
  what: string,
  who: Row['who'],
  more: Pick<Row, 'needs' | 'stepUp'> = {},
): Row => ({
  what,
  who,
  ...more,
});

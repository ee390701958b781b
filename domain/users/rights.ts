import { z } from 'zod';
import { Digest, ParkId } from '#domain/kernel/ids.ts';

/** The most parks that an event lists. More would not fit; of those it holds the digest and the number. */
export const PARKS_LISTED_MAX = 500;

/** The roles there are, in the order in which one is chosen where several would do. */
export const Role = z.enum(['operator', 'driver', 'investor', 'admin', 'auditor', 'analyst']);
export type Role = z.infer<typeof Role>;

/** What somebody may do beyond a role: `immobilize` lets an operator have engines blocked. */
export const Permission = z.enum(['immobilize']);
export type Permission = z.infer<typeof Permission>;

const all = z.strictObject({ kind: z.literal('all') });
const listed = z.strictObject({
  kind: z.literal('listed'),
  parks: z.array(ParkId).max(PARKS_LISTED_MAX),
});

/**
 * Where somebody may look and act: everywhere, in some parks, in rising order, or in so many that only their
 * digest, SHA-256 over the canonical JSON of their ordered ids, and their number are told.
 */
export const ParkScope = z.discriminatedUnion('kind', [
  all,
  listed,
  z.strictObject({
    kind: z.literal('digest'),
    digest: Digest,
    count: z.int().min(PARKS_LISTED_MAX + 1),
  }),
]);
export type ParkScope = z.infer<typeof ParkScope>;

/** Where an admin lets somebody look and act, beyond what the issuer of tokens says. */
const GrantedParks = z.discriminatedUnion('kind', [all, listed]);
type GrantedParks = z.infer<typeof GrantedParks>;

const roles = z.array(Role).max(Role.options.length);
const permissions = z.array(Permission).max(Permission.options.length);

/** What tokens of somebody say they may do; without repeats, in the order of the lists above. */
export const CarriedRights = z.strictObject({ roles, permissions, parks: ParkScope });
export type CarriedRights = z.infer<typeof CarriedRights>;

/** What an admin lets somebody do besides, in the same order. */
export const GrantedRights = z.strictObject({ roles, permissions, parks: GrantedParks });
export type GrantedRights = z.infer<typeof GrantedRights>;

/** Nothing at all. */
export const NO_RIGHTS: GrantedRights = {
  roles: [],
  permissions: [],
  parks: { kind: 'listed', parks: [] },
};

/** Whether there is nothing in them. */
export const isNothing = ({ roles, permissions, parks }: GrantedRights): boolean =>
  roles.length + permissions.length === 0 && parks.kind === 'listed' && parks.parks.length === 0;

const without = <Item>(items: readonly Item[], others: readonly Item[]): Item[] =>
  items.filter((item) => !others.includes(item));

const merged = <Item extends string>(
  order: readonly Item[],
  one: readonly Item[],
  other: readonly Item[],
): Item[] => order.filter((item) => one.includes(item) || other.includes(item));

/** What of some rights is not among others. Of all parks nothing is left over by a list. */
export const rightsBeyond = (rights: GrantedRights, held: GrantedRights): GrantedRights => {
  const { parks } = rights;
  const parksBeyond = (): GrantedParks => {
    if (held.parks.kind === 'all') return NO_RIGHTS.parks;
    if (parks.kind === 'all') return parks;
    return { kind: 'listed', parks: without(parks.parks, held.parks.parks) };
  };
  return {
    roles: without(rights.roles, held.roles),
    permissions: without(rights.permissions, held.permissions),
    parks: parksBeyond(),
  };
};

/** What of the first rights the second name too; all parks name every park of a list. */
export const rightsCommon = (rights: GrantedRights, named: GrantedRights): GrantedRights => {
  const { parks } = rights;
  const parksCommon = (): GrantedParks => {
    if (named.parks.kind === 'all') return parks;
    if (parks.kind === 'all') return NO_RIGHTS.parks;
    const { parks: names } = named.parks;
    return { kind: 'listed', parks: parks.parks.filter((park) => names.includes(park)) };
  };
  return {
    roles: rights.roles.filter((role) => named.roles.includes(role)),
    permissions: rights.permissions.filter((permission) => named.permissions.includes(permission)),
    parks: parksCommon(),
  };
};

/** What two sets of rights come to together. */
export const rightsTogether = (one: GrantedRights, other: GrantedRights): GrantedRights => ({
  roles: merged(Role.options, one.roles, other.roles),
  permissions: merged(Permission.options, one.permissions, other.permissions),
  parks:
    one.parks.kind === 'all' || other.parks.kind === 'all'
      ? { kind: 'all' }
      : { kind: 'listed', parks: [...new Set([...one.parks.parks, ...other.parks.parks])].sort() },
});

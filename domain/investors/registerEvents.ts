import { z } from 'zod';
import { Code, Reference } from '#domain/kernel/fields.ts';
import { HoldingId, VehicleId } from '#domain/kernel/ids.ts';
import { LocalDate } from '#domain/kernel/instant.ts';
import { eventType, type Fact } from '#domain/kernel/registry.ts';
import { assetKey, holdingKey, subjects } from '#domain/kernel/subjects.ts';

const SHARES_MAX = 1_000_000_000;
/** How many holdings one change may touch; their digests and keys have to fit into an event. */
export const HOLDINGS_MAX = 60;

/** A number of shares, whole ones only. */
export const ShareCount = z.int().min(1).max(SHARES_MAX);

/** Where shares are also written down as tokens, in somebody else's words. Nothing here depends on it. */
export const TokenReference = z.strictObject({
  chain: Code,
  contract: Reference,
  tokenId: Reference,
});
export type TokenReference = z.infer<typeof TokenReference>;

/**
 * What everybody may know of a change: the asset, the local day at whose first moment it takes effect, how
 * many shares are issued on that day, and which holdings it touches, in the order of their ids and of
 * `sealed`. Whose they are and how much of it is theirs is sealed.
 */
const change = {
  vehicle: VehicleId,
  effectiveFrom: LocalDate,
  holdings: z.array(HoldingId).min(1).max(HOLDINGS_MAX),
  issued: z.int().min(0),
  token: TokenReference.nullable(),
};
type Change = z.infer<z.ZodObject<typeof change>>;

const concerned = ({ vehicle, holdings }: Change) =>
  subjects(assetKey(vehicle), ...holdings.map(holdingKey));

export const SharesIssued = eventType({
  type: 'SharesIssued',
  about: 'Shares of an asset came into the world; who got how many is sealed.',
  data: z.strictObject({ ...change, shares: ShareCount }),
  subjects: concerned,
});

export const SharesTransferred = eventType({
  type: 'SharesTransferred',
  about: 'Shares of an asset changed hands; whose and how many is sealed.',
  data: z.strictObject(change),
  subjects: concerned,
});

export const SharesRedeemed = eventType({
  type: 'SharesRedeemed',
  about:
    'Shares of an asset were taken back and are no more; whose, and how many of each, is sealed.',
  data: z.strictObject({ ...change, shares: ShareCount }),
  subjects: concerned,
});

export const registerEvents = [SharesIssued, SharesTransferred, SharesRedeemed] as const;
export type RegisterEvent = Fact<(typeof registerEvents)[number]>;

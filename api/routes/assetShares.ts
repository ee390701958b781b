import { isLeft } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { callerOf } from '#api/caller.ts';
import { command } from '#api/commandRoute.ts';
import { OccurredAt } from '#api/fields.ts';
import { refuse } from '#api/problem.ts';
import { inPark, type Readings, read, viewOf } from '#api/reading.ts';
import { step } from '#api/step.ts';
import type { App } from '#api/zod.ts';
import { openRegister, type RegisterParts } from '#commands/investors/register.ts';
import { changeShares } from '#commands/investors/shares.ts';
import { momentOf } from '#commands/localDate.ts';
import { holdingsOn, issuedOn } from '#domain/investors/register.ts';
import { HOLDINGS_MAX, ShareCount, TokenReference } from '#domain/investors/registerEvents.ts';
import { HoldingId, PartyId, VehicleId } from '#domain/kernel/ids.ts';
import { type Instant, LocalDate } from '#domain/kernel/instant.ts';
import { vehicles } from '#projections/vehicles.ts';

const tag = 'assets';
const URL = '/assets/:vehicle_id/shares';
const params = z.strictObject({ vehicle_id: VehicleId });

const Parts = z
  .array(z.strictObject({ party_id: PartyId, shares: ShareCount }))
  .min(1)
  .max(HOLDINGS_MAX);
type Parts = z.infer<typeof Parts>;

const Token = z
  .strictObject({
    chain: TokenReference.shape.chain,
    contract: TokenReference.shape.contract,
    token_id: TokenReference.shape.tokenId,
  })
  .nullable()
  .default(null);
/** What every change says; it takes effect at the first moment of a local day of the asset's park. */
const change = { effective_from: LocalDate, token: Token, occurred_at: OccurredAt };

const Issue = z.strictObject({ ...change, to: Parts });
const Transfer = z.strictObject({
  ...change,
  from_party_id: PartyId,
  to_party_id: PartyId,
  shares: ShareCount,
});
const Redemption = z.strictObject({ ...change, from: Parts });

/** What the routes have in common. */
interface Said {
  readonly vehicle_id: VehicleId;
  readonly effective_from: LocalDate;
  readonly token: z.infer<typeof Token>;
  readonly at: Instant;
}

const partsOf = (parts: Parts) => parts.map(({ party_id: party, shares }) => ({ party, shares }));
const tokenOf = (token: z.infer<typeof Token>): TokenReference | null =>
  token && { chain: token.chain, contract: token.contract, tokenId: token.token_id };

const commands = (app: App, parts: RegisterParts): void => {
  const { workspace } = parts;
  const submit = changeShares(parts);
  const known = ({ vehicle_id, effective_from, token, at }: Said) => ({
    vehicle: vehicle_id,
    effectiveFrom: effective_from,
    token: tokenOf(token),
    at,
  });
  app.post(
    `${URL}/issue`,
    command({ tag, summary: 'Issue shares of an asset', params, body: Issue, personal: ['to'] }),
    step(workspace, (asking, { to, ...said }) =>
      submit(asking, { ...known(said), of: { kind: 'issue', to: partsOf(to) } }),
    ),
  );
  app.post(
    `${URL}/transfer`,
    command({
      tag,
      summary: 'Hand shares of an asset over',
      params,
      body: Transfer,
      personal: ['from_party_id', 'to_party_id', 'shares'],
    }),
    step(workspace, (asking, { from_party_id: from, to_party_id: to, shares, ...said }) =>
      submit(asking, { ...known(said), of: { kind: 'transfer', from, to, shares } }),
    ),
  );
  app.post(
    `${URL}/redeem`,
    command({
      tag,
      summary: 'Take shares of an asset back',
      params,
      body: Redemption,
      personal: ['from'],
    }),
    step(workspace, (asking, { from, ...said }) =>
      submit(asking, { ...known(said), of: { kind: 'redeem', from: partsOf(from) } }),
    ),
  );
};

const Held = z.strictObject({
  asset_id: VehicleId,
  at: LocalDate,
  issued: z.int(),
  holdings: z.array(z.strictObject({ holding_id: HoldingId, party_id: PartyId, shares: z.int() })),
});

const view = (app: App, parts: RegisterParts, readings: Readings): void => {
  const { workspace } = parts;
  const assets = viewOf(readings, vehicles, inPark);
  app.get(
    URL,
    read({
      tag,
      summary: 'Who holds how many shares of an asset on a day',
      params,
      query: z.strictObject({ at: LocalDate.optional() }),
      reply: Held,
      reads: [vehicles.name],
    }),
    async (request, reply) => {
      const { vehicle_id: vehicle } = request.params;
      const row = await assets.row(request, vehicle);
      if (!row) return refuse(reply, { code: 'VehicleUnknown', vehicle });
      const at = request.query.at ?? momentOf(workspace.now(), row.zone).localDate;
      const opened = await openRegister(parts)(callerOf(request).tenant, vehicle);
      if (isLeft(opened)) return refuse(reply, opened.left);
      const { register } = opened.right;
      const held = [...holdingsOn(register, at)].map(([holding_id, { party, shares }]) => {
        return { holding_id, party_id: party, shares };
      });
      return reply.send({ asset_id: vehicle, at, issued: issuedOn(register, at), holdings: held });
    },
  );
};

/** The share registers of assets: issuing, handing over, taking back, and who holds what. */
export const assetShareRoutes = (app: App, parts: RegisterParts, readings: Readings): void => {
  commands(app, parts);
  view(app, parts, readings);
};

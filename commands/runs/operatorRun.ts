import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { runsOf } from '#commands/aggregate.ts';
import { digestOf } from '#commands/digest.ts';
import { partyOf } from '#commands/investors/aggregates.ts';
import type { Unavailable } from '#commands/ports.ts';
import { readHistory } from '#commands/readHistory.ts';
import type { Workspace } from '#commands/workspace.ts';
import type { RunId, Tenant } from '#domain/kernel/ids.ts';
import type { AssetLine } from '#domain/runs/events.ts';
import { OPERATOR_VERSION, operatorPartOf } from '#domain/runs/lines/operator.ts';
import { postedRun } from '#domain/runs/runState.ts';
import type { Reckoner, RunParts } from './reckoner.ts';
import { slotOf } from './slot.ts';

/** The lines of assets that a payout wrote down. */
const assetLinesOf =
  ({ store }: Pick<Workspace, 'store'>) =>
  async (tenant: Tenant, run: RunId): Promise<Either<Unavailable, readonly AssetLine[]>> => {
    const history = await readHistory(store)(runsOf(tenant, slotOf(run)).streamOf());
    if (isLeft(history)) return history;
    return right(
      history.right.flatMap(({ fact }) =>
        fact.type === 'RunAssetsReckoned' && fact.data.run === run ? fact.data.lines : [],
      ),
    );
  };

/** Pays the operator what the posted payout of a month leaves to them, to the account of a party. */
export const operatorReckoner = ({ workspace }: RunParts): Reckoner => ({
  version: OPERATOR_VERSION,
  reckon: async (tenant, { park, period, payee }) => {
    if (payee === null) return left({ code: 'PayeeMissing' });
    const party = await workspace.load(partyOf(tenant, payee));
    if (isLeft(party)) return party;
    const { state } = party.right;
    const isOperator = state.phase !== 'unknown' && state.kind === 'operator';
    if (!isOperator) return left({ code: 'PartyUnknown', party: payee });
    const loaded = await workspace.load(runsOf(tenant, { kind: 'payout', park, period }));
    if (isLeft(loaded)) return loaded;
    const payout = postedRun(loaded.right.state);
    if (!payout) return left({ code: 'PayoutRunMissing', period });
    const lines = await assetLinesOf(workspace)(tenant, payout.run);
    if (isLeft(lines)) return lines;
    return right(
      lines.right.flatMap((line) => operatorPartOf(line, { payee, inputs: digestOf(line) }) ?? []),
    );
  },
});

import { isLeft, right } from 'fp-ts/lib/Either.js';
import { fineOf } from '#commands/aggregate.ts';
import { onStanding } from '#commands/standings.ts';
import type { Workspace } from '#commands/workspace.ts';
import type { DriverId, FineId } from '#domain/kernel/ids.ts';
import type { Moment } from '#domain/kernel/instant.ts';
import type { StandingCommand } from '#domain/standing/standing.ts';
import { type Reactor, reactionTo, type Stimulus } from './reactor.ts';

const NAME = 'standing';

type Status = Extract<StandingCommand, { type: 'CopyFine' }>['status'];

interface Copy {
  readonly driver: DriverId;
  readonly status: Status;
}

/** What an event of a fine means for which drivers' standing. */
const copiesOf = ({ fact }: Stimulus): { fine: FineId; copies: readonly Copy[] } | null => {
  const bearing = (driver: DriverId | null, status: Status): Copy[] =>
    driver === null ? [] : [{ driver, status }];
  switch (fact.type) {
    case 'FineIssued':
      return { fine: fact.data.fine, copies: bearing(fact.data.driver, 'issued') };
    case 'FineDisputed':
      return { fine: fact.data.fine, copies: bearing(fact.data.driver, 'disputed') };
    case 'FineConfirmed':
      return { fine: fact.data.fine, copies: bearing(fact.data.driver, 'confirmed') };
    case 'FineVoided':
      return { fine: fact.data.fine, copies: bearing(fact.data.driver, 'voided') };
    case 'FinePaid':
      return { fine: fact.data.fine, copies: bearing(fact.data.driver, 'paid') };
    case 'FineReattributed':
      return { fine: fact.data.fine, copies: bearing(fact.data.fromDriver, 'not_theirs') };
    default:
      return null;
  }
};

/**
 * Copies what becomes of fines into the standing of the drivers who bear them, so that an access decision
 * needs no read model. A fine that goes to another driver enters there with the phase it then has.
 */
export const standingReactor = (workspace: Workspace): Reactor => ({
  name: NAME,
  handles: [
    'FineIssued',
    'FineDisputed',
    'FineConfirmed',
    'FineVoided',
    'FinePaid',
    'FineReattributed',
  ],
  react: async (stimulus) => {
    const found = copiesOf(stimulus);
    if (!found) return right(null);
    const { event, fact } = stimulus;
    const { fine } = found;
    const loaded = await workspace.load(fineOf(event.tenant, fine));
    if (isLeft(loaded)) return loaded;
    const { state } = loaded.right;
    if (state.phase === 'unknown') return right(null);
    const received: readonly Copy[] =
      fact.type === 'FineReattributed' && fact.data.driver !== null
        ? [{ driver: fact.data.driver, status: state.phase }]
        : [];
    for (const { driver, status } of [...found.copies, ...received]) {
      const { amount, points } = state;
      const copy = (when: Moment): StandingCommand => ({
        type: 'CopyFine',
        driver,
        fine,
        status,
        amount,
        points,
        basis: event.id,
        when,
      });
      const request = reactionTo(stimulus, NAME, driver, status);
      const copied = await onStanding(workspace)(request, { driver, at: fact.when.at }, copy);
      if (isLeft(copied)) return copied;
    }
    return right(null);
  },
});

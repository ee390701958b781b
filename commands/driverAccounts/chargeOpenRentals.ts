import { isLeft } from 'fp-ts/lib/Either.js';
import { digestOf } from '#commands/digest.ts';
import { freshCommandId } from '#commands/identity.ts';
import { platformActor } from '#commands/platform.ts';
import type { Request, Workspace } from '#commands/workspace.ts';
import type { RentalId, Tenant } from '#domain/kernel/ids.ts';
import { epochMs, type Instant, instantOf } from '#domain/kernel/instant.ts';
import { chargeRental } from './chargeRental.ts';

const PAGE_RENTALS = 500;
/** How long after its end a rental is looked at: kilometres of its last day are due once that is over. */
const ENDED_LOOK_MS = 3 * 86_400_000;
/** After how long a rental is looked at again that could not be charged. */
const RETRY_MS = 600_000;

/** A rental of some tenant. */
export interface RentalOfTenant {
  readonly tenant: Tenant;
  readonly rental: RentalId;
}

/** Finds the rentals that may owe something because time passes. Throws where its store is away. */
export interface RunningRentals {
  /** Up to `limit` rentals that are open or ended since an instant, behind one of them, in a fixed order. */
  readonly page: (asked: {
    readonly endedSince: Instant;
    readonly after: RentalOfTenant | null;
    readonly limit: number;
  }) => Promise<readonly RentalOfTenant[]>;
}

interface Deps {
  readonly workspace: Workspace;
  readonly rentals: RunningRentals;
  /** Told of a rental that could not be charged now; it is looked at again. */
  readonly observeFailure: (failure: { readonly code: string; readonly rental: RentalId }) => void;
}

const requestOf = (tenant: Tenant): Request => {
  const command = freshCommandId();
  const content = digestOf({ type: 'ChargeOpenRentals' });
  const caused = { correlationId: command, causationId: null };
  return {
    origin: { tenant, actor: platformActor, command, content, ...caused },
    mayActIn: () => true,
  };
};

/**
 * Charges what falls due because time passes: one look at every rental that is open or ended lately. When
 * each has to be looked at next is remembered while the process runs, and nowhere else: after a restart all
 * are looked at once more, which writes nothing that is there already.
 */
export const chargeOpenRentals = ({ workspace, rentals, observeFailure }: Deps) => {
  let nextLooks: ReadonlyMap<RentalId, Instant | null> = new Map();
  return async (signal: AbortSignal): Promise<void> => {
    const until = workspace.now();
    const endedSince = instantOf(epochMs(until) - ENDED_LOOK_MS);
    const seen = new Map<RentalId, Instant | null>();
    let after: RentalOfTenant | null = null;
    do {
      const page: readonly RentalOfTenant[] = await rentals.page({
        endedSince,
        after,
        limit: PAGE_RENTALS,
      });
      for (const { tenant, rental } of page) {
        if (signal.aborted) return;
        const next = nextLooks.get(rental);
        if (next !== undefined && (next === null || until < next)) {
          seen.set(rental, next);
          continue;
        }
        const charged = await chargeRental(workspace)(requestOf(tenant), {
          rental,
          until,
          basis: null,
        });
        if (isLeft(charged)) observeFailure({ code: charged.left.code, rental });
        seen.set(rental, isLeft(charged) ? instantOf(epochMs(until) + RETRY_MS) : charged.right);
      }
      after = page.length < PAGE_RENTALS ? null : (page.at(-1) ?? null);
    } while (after !== null);
    nextLooks = seen;
  };
};

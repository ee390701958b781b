import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { booksOf, runsOf } from '#commands/aggregate.ts';
import { digestOfTexts } from '#commands/digest.ts';
import { momentOf } from '#commands/localDate.ts';
import type { Unavailable } from '#commands/ports.ts';
import { readWhole } from '#commands/readHistory.ts';
import type { Workspace } from '#commands/workspace.ts';
import { type AccountEvent, isAccountEvent } from '#domain/driverAccounts/events.ts';
import { decodeFact } from '#domain/events.ts';
import { nextPeriod, type Period, periodOf, previousPeriod } from '#domain/finance/period.ts';
import { parseEvent } from '#domain/kernel/event.ts';
import type { Digest, DriverId, ParkId, Tenant } from '#domain/kernel/ids.ts';
import { accountStream } from '#domain/kernel/streams.ts';
import {
  type AccountAtEnd,
  accountAtEnd,
  isUntil,
  SETTLEMENT_VERSION,
  settlementOf,
} from '#domain/runs/lines/settlement.ts';
import { postedRun, type Run } from '#domain/runs/runState.ts';
import type { OpenRunOf, Reckoner, ReckonRefusal, RunParts } from './reckoner.ts';

interface ReadAccount extends AccountAtEnd {
  readonly driver: DriverId;
  readonly inputs: Digest;
}

/** An account as it was at the end of a month, with the digest of its entries up to then. */
const readAccount =
  ({ store }: Workspace, tenant: Tenant, of: OpenRunOf) =>
  async (driver: DriverId): Promise<Either<Unavailable, ReadAccount>> => {
    const found = await readWhole(store)(accountStream(tenant, driver));
    if (isLeft(found)) return found;
    const texts: string[] = [];
    const entries: AccountEvent[] = [];
    for (const { text } of found.right) {
      const fact = decodeFact(parseEvent(text));
      if (!isAccountEvent(fact)) throw new Error(`${fact.type} is no entry of an account`);
      entries.push(fact);
      if (isUntil(fact, of.period)) texts.push(text);
    }
    return right({ driver, inputs: digestOfTexts(texts), ...accountAtEnd(entries, of) });
  };

const postedIn =
  ({ load }: Workspace, tenant: Tenant, park: ParkId) =>
  async (period: Period): Promise<Either<Unavailable, Run | null>> => {
    const loaded = await load(runsOf(tenant, { kind: 'settlement', park, period }));
    return isLeft(loaded) ? loaded : right(postedRun(loaded.right.state));
  };

type Posted = ReturnType<typeof postedIn>;

/** What earlier settlements made of drivers' shares, by driver, in minor units. */
const settledBefore = async (
  posted: Posted,
  { period, first }: { readonly period: Period; readonly first: Period },
): Promise<Either<Unavailable, ReadonlyMap<DriverId, bigint>>> => {
  const settled = new Map<DriverId, bigint>();
  for (let earlier = previousPeriod(period); earlier >= first; earlier = previousPeriod(earlier)) {
    const run = await posted(earlier);
    if (isLeft(run)) return run;
    for (const line of run.right?.lines ?? []) {
      if (line.kind !== 'settlement') continue;
      const made = BigInt(line.offset) + BigInt(line.amount);
      settled.set(line.driver, (settled.get(line.driver) ?? 0n) + made);
    }
  }
  return right(settled);
};

/** A later settlement has taken what is left of this month already. */
const laterRun = async (
  { now }: Workspace,
  posted: Posted,
  { zone, period }: OpenRunOf,
): Promise<Either<Unavailable | ReckonRefusal, null>> => {
  const last = periodOf(momentOf(now(), zone).localDate);
  for (let later = nextPeriod(period); later <= last; later = nextPeriod(later)) {
    const run = await posted(later);
    if (isLeft(run)) return run;
    if (run.right) return left({ code: 'LaterRunPosted', run: run.right.run });
  }
  return right(null);
};

/**
 * Settles a closed month with all drivers of a park: what fares left them is paid, less what they owe. What
 * earlier settlements took is counted as theirs, so a share is in one settlement whenever it came to be
 * known.
 */
export const settlementReckoner = ({ workspace, closing }: RunParts): Reckoner => ({
  version: SETTLEMENT_VERSION,
  reckon: async (tenant, of) => {
    const { park, period } = of;
    const books = await workspace.load(booksOf(tenant, period));
    if (isLeft(books)) return books;
    if (!books.right.state.closed) return left({ code: 'PeriodOpen', period });
    const caughtUp = await closing.posted();
    if (isLeft(caughtUp)) return caughtUp;
    const posted = postedIn(workspace, tenant, park);
    const later = await laterRun(workspace, posted, of);
    if (isLeft(later)) return later;
    const drivers = await closing.driversOf(tenant, park);
    if (isLeft(drivers)) return drivers;
    const accounts: ReadAccount[] = [];
    const read = readAccount(workspace, tenant, of);
    for (const driver of [...new Set(drivers.right)].sort()) {
      const account = await read(driver);
      if (isLeft(account)) return account;
      accounts.push(account.right);
    }
    const [oldest] = accounts.flatMap(({ from }) => from ?? []).sort();
    const first = oldest === undefined ? period : periodOf(oldest);
    const settled = await settledBefore(posted, { period, first });
    if (isLeft(settled)) return settled;
    const lines = accounts.map((account) =>
      settlementOf(account, { ...account, before: settled.right.get(account.driver) ?? 0n }),
    );
    return right(lines.filter((line) => line !== null));
  },
});

import { type Either, left, right } from 'fp-ts/lib/Either.js';
import postgres from 'postgres';
import type { Unavailable, Unknown } from '#commands/ports.ts';

/** Errors of the client library at which nothing had been sent. */
const NEVER_SENT = new Set(['CONNECT_TIMEOUT', 'ECONNREFUSED', 'CONNECTION_ENDED', 'ENOTFOUND']);

/**
 * Other errors of the connection: of postgres.js, of Node's sockets, of the name service, and of our own
 * clock.
 */
const CONNECTION = /^(?:CONNECT_TIMEOUT|CONNECTION_[A-Z]+|NO_ANSWER|E[A-Z]+|EAI_[A-Z]+)$/;

/**
 * Answers of the server after which the transaction is certainly rolled back: a cancelled statement, a lock
 * not had, too many connections, a server that starts, one that only reads, a disk or memory that is full.
 * Source: PostgreSQL manual, appendix A.
 */
const ROLLED_BACK = new Set([
  '57014',
  '55P03',
  '53300',
  '57P03',
  '40001',
  '40P01',
  '25006',
  '53100',
  '53200',
]);

const codeOf = (error: unknown): string => {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
};

/** Whether an error means that the database is away or overburdened, rather than that we made a mistake. */
export const isOutage = (error: unknown): boolean => {
  const code = codeOf(error);
  if (error instanceof postgres.PostgresError)
    return ROLLED_BACK.has(code) || code.startsWith('57P');
  return CONNECTION.test(code);
};

/** What a failed read comes to. Throws what is no outage: a bug. */
export const readFailure = (error: unknown): Unavailable => {
  if (!isOutage(error)) throw error;
  return { code: 'Unavailable', detail: `postgres: ${codeOf(error)}` };
};

/** What some work comes to that may as well be done twice; Left where the database is away. */
export const attempt = async <Result>(
  work: () => Promise<Result>,
): Promise<Either<Unavailable, Result>> => {
  try {
    return right(await work());
  } catch (error) {
    return left(readFailure(error));
  }
};

/** Source: PostgreSQL manual, appendix A. */
const UNDEFINED_TABLE = '42P01';

/** As `attempt`, for what reads a table that may not be there yet: then there is nothing in it. */
export const attemptFilled = <Row>(
  work: () => Promise<readonly Row[]>,
): Promise<Either<Unavailable, readonly Row[]>> =>
  attempt(() =>
    work().catch((error: unknown) => {
      if (error instanceof postgres.PostgresError && error.code === UNDEFINED_TABLE) return [];
      throw error;
    }),
  );

/** What a failed write comes to: rolled back, or not to be told. Throws what is no outage: a bug. */
export const writeFailure = (error: unknown): Unavailable | Unknown => {
  if (!isOutage(error)) throw error;
  const code = codeOf(error);
  const certain = NEVER_SENT.has(code) || ROLLED_BACK.has(code);
  return { code: certain ? 'Unavailable' : 'Unknown', detail: `postgres: ${code}` };
};

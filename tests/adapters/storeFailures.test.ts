import postgres from 'postgres';
import { describe, expect, it } from 'vitest';
import * as eventStoreDb from '#adapters/eventStoreDbFailure.ts';
import * as onPostgres from '#adapters/postgresFailure.ts';

const error = (parts: object, message = ''): Error => Object.assign(new Error(message), parts);

const refusalOf = (code: string) =>
  Object.assign(Object.create(postgres.PostgresError.prototype), { code });

/** What each error of a write comes to; `null`: it is a bug, and thrown. */
const tables = [
  {
    name: 'Postgres',
    of: onPostgres.writeFailure,
    read: onPostgres.readFailure,
    rows: [
      [error({ code: 'ECONNREFUSED' }), 'Unavailable'],
      [error({ code: 'CONNECT_TIMEOUT' }), 'Unavailable'],
      [error({ code: 'CONNECTION_ENDED' }), 'Unavailable'],
      [refusalOf('57014'), 'Unavailable'],
      [refusalOf('25006'), 'Unavailable'],
      [refusalOf('53300'), 'Unavailable'],
      [refusalOf('57P01'), 'Unknown'],
      [error({ code: 'CONNECTION_CLOSED' }), 'Unknown'],
      [error({ code: 'CONNECTION_DESTROYED' }), 'Unknown'],
      [error({ code: 'ECONNRESET' }), 'Unknown'],
      [error({ code: 'EPIPE' }), 'Unknown'],
      [error({ code: 'NO_ANSWER' }), 'Unknown'],
      [refusalOf('23505'), null],
      [refusalOf('42P01'), null],
      [error({ code: 'UNDEFINED_VALUE' }), null],
      [error({ code: 'ERR_INVALID_ARG_TYPE' }), null],
      [new TypeError('a bug'), null],
    ],
  },
  {
    name: 'EventStoreDB',
    of: eventStoreDb.writeFailure,
    read: eventStoreDb.readFailure,
    rows: [
      [
        error(
          { type: 'unavailable', code: 14 },
          '14 UNAVAILABLE: No connection established. Last error: x',
        ),
        'Unavailable',
      ],
      [error({ code: 14 }, '14 UNAVAILABLE: No connection established'), 'Unavailable'],
      [
        error({ type: 'unavailable', code: 14 }, '14 UNAVAILABLE: Server Is Not Ready'),
        'Unavailable',
      ],
      [error({ type: 'not-leader', code: 5 }), 'Unavailable'],
      [error({}, 'Failed to discover after 3 attempts.'), 'Unavailable'],
      [error({ type: 'unavailable', code: 14 }, '14 UNAVAILABLE: Connection dropped'), 'Unknown'],
      [error({ type: 'cancelled', code: 1 }), 'Unknown'],
      [error({ type: 'deadline-exceeded' }), 'Unknown'],
      [error({ type: 'timeout', code: 10 }), 'Unknown'],
      [error({ type: 'unknown', code: 13 }), 'Unknown'],
      [eventStoreDb.noAnswer(), 'Unknown'],
      [error({ type: 'access-denied', code: 7 }), null],
      [error({ type: 'stream-deleted', code: 9 }), null],
      [error({ type: 'maximum-append-size-exceeded' }), null],
      [error({ type: 'unknown', code: 3 }), null],
      [new TypeError('a bug'), null],
    ],
  },
] as const;

describe.each(tables)('a failure of $name', ({ of, read, rows }) => {
  it.each(rows)('%s comes to %s', (thrown, code) => {
    if (code === null) {
      expect(() => of(thrown)).toThrow();
      expect(() => read(thrown)).toThrow();
    } else {
      expect(of(thrown).code).toBe(code);
      expect(read(thrown).code).toBe('Unavailable');
    }
  });
});

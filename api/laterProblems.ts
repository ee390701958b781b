import type { Row } from './problemRow.ts';

const RETRY_AFTER_S = 2;

type Later =
  | 'TooManyConflicts'
  | 'TooManyRequests'
  | 'TooManyStreams'
  | 'Internal'
  | 'Unavailable'
  | 'Unknown'
  | 'ProjectionBehind';

/** The part of the table of problems that is no fault of the request: the same one may do later. */
export const laterProblems: { readonly [C in Later]: Row<C> } = {
  TooManyConflicts: {
    status: 409,
    title: 'Too many changes at once; ask again',
    retry_after_s: RETRY_AFTER_S,
  },
  TooManyRequests: { status: 429, title: 'Too many requests' },
  TooManyStreams: { status: 429, title: 'Too many open streams', retry_after_s: RETRY_AFTER_S },
  Internal: { status: 500, title: 'Something is broken on our side' },
  Unavailable: {
    status: 503,
    title: 'A store is away; nothing was done',
    as: 'store_unavailable',
    retry_after_s: RETRY_AFTER_S,
  },
  Unknown: {
    status: 503,
    title: 'It cannot be told whether this was done; ask again with the same Idempotency-Key',
    as: 'outcome_unknown',
    retry_after_s: RETRY_AFTER_S,
  },
  ProjectionBehind: {
    status: 503,
    title: 'The read model has not got that far yet',
    retry_after_s: RETRY_AFTER_S,
  },
};

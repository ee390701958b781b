import { z } from 'zod';

/**
 * What may go wrong. Before a call is carried out: `reset_before`, `http_500`, `error` with its code,
 * `session_expired`, where the session is gone as well. After it was carried out: `reset_after`,
 * `answer_late`, `answer_unreadable`, `http_502_after`. With the record of a command: `ucr_lost`, `ucr_late`.
 * `service` and `unit`: only of that service, only of that unit; null: of any. `times`: so often.
 */
export const Fault = z.strictObject({
  kind: z.enum([
    'reset_before',
    'http_500',
    'error',
    'session_expired',
    'reset_after',
    'answer_late',
    'answer_unreadable',
    'http_502_after',
    'ucr_lost',
    'ucr_late',
  ]),
  code: z.int().default(5),
  service: z.string().nullable().default(null),
  unit: z.int().nullable().default(null),
  times: z.int().min(1).max(1_000_000).default(1),
});
export type Fault = z.infer<typeof Fault>;
export type FaultKind = Fault['kind'];

const FAULTS_MAX = 1_000;

/** What is about to happen, and may go wrong. */
interface Moment {
  readonly service: string;
  readonly unit: number | null;
}

/** Faults that are switched on, each until it has happened so often. */
export interface Faults {
  readonly add: (fault: z.input<typeof Fault>) => void;
  readonly clear: () => void;
  readonly list: () => readonly Fault[];
  /** The fault of these kinds that happens now, which counts as one of its times; null: none. */
  readonly strike: (kinds: ReadonlySet<FaultKind>, moment: Moment) => Fault | null;
}

const concerns = (fault: Fault, { service, unit }: Moment): boolean =>
  (fault.service === null || fault.service === service) &&
  (fault.unit === null || fault.unit === unit);

/** A list of faults, empty at first. The oldest that fits strikes first. */
export const faultList = (): Faults => {
  let faults: readonly Fault[] = [];
  return {
    add: (fault) => {
      faults = [...faults, Fault.parse(fault)].slice(-FAULTS_MAX);
    },
    clear: () => {
      faults = [];
    },
    list: () => faults,
    strike: (kinds, moment) => {
      const found = faults.find((each) => kinds.has(each.kind) && concerns(each, moment));
      if (!found) return null;
      faults = faults.flatMap((each) => {
        if (each !== found) return [each];
        return each.times > 1 ? [{ ...each, times: each.times - 1 }] : [];
      });
      return found;
    },
  };
};

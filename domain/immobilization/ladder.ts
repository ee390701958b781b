import type { RentalId } from '#domain/kernel/ids.ts';
import { epochMs, type Instant } from '#domain/kernel/instant.ts';
import type { ImmobilizationRefusal } from './commands.ts';
import type { ImmobilizationRules } from './rules.ts';
import type { Immobilization } from './state.ts';

interface Question {
  readonly rental: RentalId | null;
  readonly at: Instant;
  readonly rules: ImmobilizationRules;
}

/** How many notices were given in a rental. */
export const noticesIn = ({ notices }: Immobilization, rental: RentalId | null): number =>
  notices.filter((notice) => notice.rental === rental).length;

/**
 * Why an engine may not be blocked for money at a moment: nobody has the vehicle, an emergency start holds,
 * no ladder was ever configured, or a step of it was not taken, by enough modes and long enough ago. Null:
 * it may.
 */
export const hindersFinance = (
  state: Immobilization,
  { rental, at, rules }: Question,
): ImmobilizationRefusal | null => {
  const { ladder } = rules;
  if (ladder === null) return { code: 'LadderMissing' };
  if (rental === null) return { code: 'NobodyToBlockFor' };
  if (state.graceUntil !== null && at < state.graceUntil) {
    return { code: 'EmergencyStartHolds', until: state.graceUntil };
  }
  for (const { step, modes_min, before_s } of ladder.notices) {
    const latest_ms = epochMs(at) - before_s * 1_000;
    const modes = new Set(
      state.notices
        .filter((notice) => notice.rental === rental && notice.step === step)
        .filter((notice) => epochMs(notice.at) <= latest_ms)
        .map(({ mode }) => mode),
    );
    if (modes.size < modes_min) return { code: 'NoticesMissing', step };
  }
  return null;
};

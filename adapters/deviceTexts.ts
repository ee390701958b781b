import type { RelayAction, RelayTrace } from '#commands/relay.ts';

type Answer = NonNullable<RelayTrace['answer']>['kind'];

/**
 * What devices are known to say, and of which action. Source: the command lists of Concox GT06 and its kin,
 * over GPRS (`DYD` cuts, `HFYD` restores) and by SMS.
 */
const KNOWN: readonly (readonly [RegExp, RelayAction, Answer])[] = [
  [/^DYD=Success\b/i, 'block', 'done'],
  [/^HFYD=Success\b/i, 'release', 'done'],
  [/^Cut off the fuel supply:\s*Success\b/i, 'block', 'done'],
  [/^Restore fuel supply:\s*Success\b/i, 'release', 'done'],
  [/^DYD=Unvalued Fix\b/i, 'block', 'refused_fix'],
  [/^DYD=Speed\b/i, 'block', 'refused_speed'],
];

/**
 * What a device's words say of an action. Null: they are known to be about another one, as when the answer to
 * a block comes after the release.
 */
export const answerOfText = (text: string, action: RelayAction): Answer | null => {
  const known = KNOWN.find(([pattern]) => pattern.test(text.trim()));
  if (!known) return 'unrecognised';
  return known[1] === action ? known[2] : null;
};

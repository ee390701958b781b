import type { Authentication } from './caller.ts';

/** How old a second factor may be where one is asked for, in seconds. */
export const STEP_UP_MAX_AGE_S = 300;

/** What an issuer calls a login with a second factor, and what it is asked for. */
export const MFA_ACR = 'urn:equinomix:mfa';

/** Clocks of issuers may be ahead of ours by this much. */
const AHEAD_MAX_S = 10;

/**
 * Methods that go beyond something known, as issuers name them. Source: RFC 8176, section 2.
 */
const FACTORS = new Set([
  'mfa',
  'mca',
  'otp',
  'hwk',
  'swk',
  'pop',
  'sc',
  'sms',
  'tel',
  'face',
  'fpt',
  'iris',
  'retina',
  'vbm',
]);

/** Whether a second factor was shown, and not long ago by the clock of this very moment. */
export const isSteppedUp = ({ acr, amr, auth_time_s }: Authentication, now_ms: number): boolean => {
  if (auth_time_s === null) return false;
  const age_s = now_ms / 1_000 - auth_time_s;
  const isRecent = age_s <= STEP_UP_MAX_AGE_S && age_s >= -AHEAD_MAX_S;
  return isRecent && (acr === MFA_ACR || amr.some((method) => FACTORS.has(method)));
};

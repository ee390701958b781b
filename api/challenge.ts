import type { Refusal } from './refusals.ts';

/** How a 401 says what is missing. Sources: RFC 6750, section 3; RFC 9470, section 3, for a second factor. */
export const challengeOf = (refusal: Refusal): string =>
  refusal.code === 'StepUpRequired'
    ? 'Bearer error="insufficient_user_authentication", ' +
      'error_description="A recent second factor is needed", ' +
      `acr_values="${refusal.acr}", max_age="${refusal.age_max_s}"`
    : 'Bearer realm="equinomix"';

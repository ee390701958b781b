import type { Row } from './problemRow.ts';

type Identity = 'StepUpRequired' | 'PermissionMissing';

/** The part of the table of problems that is about who asks. */
export const identityProblems: { readonly [C in Identity]: Row<C> } = {
  StepUpRequired: {
    status: 401,
    title: 'A second factor that was shown a short time ago is needed',
    tell: ({ acr, age_max_s }) => ({ acr_values: acr, max_age_s: age_max_s }),
  },
  PermissionMissing: {
    status: 403,
    title: 'This needs a permission besides the role',
    tell: ({ permission }) => ({ permission }),
  },
};

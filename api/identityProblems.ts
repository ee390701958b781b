import type { Row } from './problemRow.ts';

type Identity =
  | 'StepUpRequired'
  | 'PermissionMissing'
  | 'UserSuspended'
  | 'UserUnknown'
  | 'OwnRights'
  | 'AllParksGranted'
  | 'GrantedParksExceeded';

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
  UserSuspended: { status: 403, title: 'Your access is suspended' },
  UserUnknown: { status: 404, title: 'No such user' },
  AllParksGranted: { status: 409, title: 'All parks were granted, and are taken back together' },
  OwnRights: { status: 422, title: 'Nobody changes their own rights' },
  GrantedParksExceeded: {
    status: 422,
    title: 'So many parks are not granted one by one',
    tell: ({ parks_max }) => ({ parks_max }),
  },
};

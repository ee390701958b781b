import type { Row } from './problemRow.ts';

type Access = 'AccessDenied' | 'RulesOutdated';

/** The part of the table of problems that is about decisions on access. */
export const accessProblems: { readonly [C in Access]: Row<C> } = {
  AccessDenied: {
    status: 409,
    title: 'The driver may not have the vehicle now',
    tell: ({ decision }) => ({ decision_id: decision }),
  },
  RulesOutdated: { status: 409, title: 'There are newer rules', tell: ({ since }) => ({ since }) },
};

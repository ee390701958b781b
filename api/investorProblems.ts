import type { PartyRefusal } from '#domain/investors/party.ts';
import type { RegisterRefusal } from '#domain/investors/register.ts';
import type { Row } from './problemRow.ts';

type Code = PartyRefusal['code'] | RegisterRefusal['code'];

/** How it is told why something about parties, or about what they hold, is refused. */
export const investorProblems: { readonly [C in Code]: Row<C> } = {
  PartyUnknown: { status: 404, title: 'No such party' },
  PartyAlreadyRegistered: { status: 409, title: 'The party was registered as something else' },
  PartyErased: { status: 409, title: 'The party’s personal data has been erased' },
  SharesNotIssued: { status: 409, title: 'No shares of the asset are issued on that day' },
  HoldingTooSmall: {
    status: 409,
    title: 'The party does not hold so many shares on that day and every day since',
    tell: ({ available }) => ({ available }),
  },
  HolderNamedTwice: { status: 422, title: 'A change names nobody twice' },
};

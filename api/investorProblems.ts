import type { PartyRefusal } from '#domain/investors/party.ts';
import type { Row } from './problemRow.ts';

type Code = PartyRefusal['code'];

/** How it is told why something about parties, or about what they hold, is refused. */
export const investorProblems: { readonly [C in Code]: Row<C> } = {
  PartyUnknown: { status: 404, title: 'No such party' },
  PartyAlreadyRegistered: { status: 409, title: 'The party was registered as something else' },
  PartyErased: { status: 409, title: 'The party’s personal data has been erased' },
};

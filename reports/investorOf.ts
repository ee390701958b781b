import { z } from 'zod';
import type { PartyId } from '#domain/kernel/ids.ts';
import type { InvestorStatement } from './data.ts';

const Identity = z.object({ name: z.string() });
const Contact = z.object({ address: z.string().nullish() });

/** Who a statement is for, from what the vault holds; the id of the party where it holds no name. */
export const investorOf = (
  party: PartyId,
  identity: unknown,
  contact: unknown,
): InvestorStatement['investor'] => {
  const address = Contact.safeParse(contact).data?.address;
  return {
    name: Identity.safeParse(identity).data?.name ?? `Party ${party}`,
    address: address ? [address] : [],
  };
};

import { z } from 'zod';

/**
 * What we call a payment on its way through the banks: the id of its line, without the dashes, since a UUID
 * with them is one character longer than the 35 that a bank takes.
 */
export const EndToEndId = z
  .string()
  .regex(/^[0-9a-f]{32}$/)
  .brand<'EndToEndId'>();
export type EndToEndId = z.infer<typeof EndToEndId>;

/** What a payment is called whose line has this UUID. */
export const endToEndIdOf = (uuid: string): EndToEndId =>
  EndToEndId.parse(uuid.replaceAll('-', ''));

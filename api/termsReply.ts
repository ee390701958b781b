import { Terms } from '#domain/investors/terms.ts';
import { wireOf } from './wire.ts';

/** How terms look on the wire. */
export const { schema: TermsReply, write: termsReply } = wireOf(Terms);

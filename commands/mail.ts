import type { TaskEither } from 'fp-ts/lib/TaskEither.js';

/** A file that goes with a mail. */
export interface MailAttachment {
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/**
 * A mail to one person. `id` names it for ever: the same mail sent again has the same, so that whoever gets
 * it twice can see that it is one. Letters, digits, dots and hyphens, at most 64.
 */
export interface Mail {
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly attachments: readonly MailAttachment[];
}

/**
 * What came of a mail that did not simply go out. `reason` is a code, and names nobody.
 *
 * - `MailRefused`: it will not be taken, however often it is sent.
 * - `MailNotSent`: it was certainly not taken; it may be sent again.
 * - `MailUnknown`: it may have been taken. Sent again, it may come twice, under one id.
 */
export interface MailFailure {
  readonly code: 'MailRefused' | 'MailNotSent' | 'MailUnknown';
  readonly reason: string;
}

/** The way of mails out of the house. Taken is not delivered: what happens later, nobody tells. */
export interface Mailer {
  readonly send: (mail: Mail) => TaskEither<MailFailure, null>;
}

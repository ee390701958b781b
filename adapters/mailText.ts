import { type Either, left, right } from 'fp-ts/lib/Either.js';
import MailComposer from 'nodemailer/lib/mail-composer';
import { z } from 'zod';
import type { Mail, MailFailure } from '#commands/mail.ts';

/** Few servers take more than 25 MiB, and what is attached grows by a third on its way. */
const ATTACHED_MAX_BYTES = 16 * 1024 * 1024;

const Id = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$/);
const Address = z.email().max(254);

const faultOf = ({ id, to, attachments }: Mail): string | null => {
  if (!Id.safeParse(id).success) return 'id_malformed';
  if (!Address.safeParse(to).success) return 'address_malformed';
  const attached_bytes = attachments.reduce((sum, { bytes }) => sum + bytes.length, 0);
  return attached_bytes > ATTACHED_MAX_BYTES ? 'too_large' : null;
};

/** A mail as it goes over the wire. Source: RFC 5322 and MIME. */
export const mailText =
  (from: string) =>
  async (mail: Mail): Promise<Either<MailFailure, Buffer>> => {
    const reason = faultOf(mail);
    if (reason !== null) return left({ code: 'MailRefused', reason });
    const { id, to, subject, text, attachments } = mail;
    const domain = from.slice(from.lastIndexOf('@') + 1);
    const composer = new MailComposer({
      ...{ from, to, subject, text, messageId: `<${id}@${domain}>` },
      attachments: attachments.map(({ name, mediaType, bytes }) => ({
        filename: name,
        contentType: mediaType,
        content: Buffer.from(bytes),
      })),
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    return right(await composer.compile().build());
  };

import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { Mailer } from '#commands/mail.ts';
import { mailText } from './mailText.ts';

const OWNER_ONLY = 0o600;
const OWNER_ONLY_DIRECTORY = 0o700;

/**
 * Mails that go no further than a directory, one file `<id>.eml` each, which any mail program opens: for
 * trying things out. The same mail again is the same file.
 */
export const fileMailer = ({
  directory,
  from,
}: {
  readonly directory: string;
  readonly from: string;
}): Mailer => {
  const textOf = mailText(from);
  return {
    send: (mail) => async () => {
      const text = await textOf(mail);
      if (isLeft(text)) return text;
      const file = join(directory, `${mail.id}.eml`);
      try {
        await mkdir(directory, { recursive: true, mode: OWNER_ONLY_DIRECTORY });
        // Whoever looks into the directory sees whole mails only.
        await writeFile(`${file}.part`, text.right, { mode: OWNER_ONLY });
        await rename(`${file}.part`, file);
      } catch {
        return left({ code: 'MailNotSent', reason: 'disk' });
      }
      return right(null);
    },
  };
};

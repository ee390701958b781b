import { left, right } from 'fp-ts/lib/Either.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Mail, Mailer } from '#commands/mail.ts';

/** A way for mails, and what came out at its end: whole mails, as text. */
export interface MailerHarness {
  readonly mailer: Mailer;
  readonly arrived: () => Promise<readonly string[]>;
  readonly close: () => Promise<void>;
}

/** A mail of a test, with a file of all bytes that there are. */
export const aMail: Mail = {
  id: 'report.2026-03-14-B-1',
  to: 'ops@example.org',
  subject: 'Fleet report, Berlin Süd',
  text: 'Net −274.74 EUR.\n.\nThe end — über alles.\n',
  attachments: [
    {
      name: 'report süd.pdf',
      mediaType: 'application/pdf',
      bytes: Uint8Array.from({ length: 1_024 }, (_, n) => n % 256),
    },
  ],
};

const parts = (mail: string): string[] => {
  const boundary = /boundary="([^"]+)"/.exec(mail)?.[1];
  return mail.split(`--${boundary}`).slice(1, -1);
};
const headersOf = (part: string): string =>
  (part.trimStart().split('\r\n\r\n')[0] ?? '').replaceAll(/\r\n\s+/g, ' ');
const bytesOf = (part: string): Buffer => {
  const body = part.slice(part.indexOf('\r\n\r\n') + 4);
  if (/base64/i.test(headersOf(part))) return Buffer.from(body, 'base64');
  const bytes = body
    .replaceAll(/=\r\n/g, '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
  return Buffer.from(bytes, 'latin1');
};

/** What every way for mails must do. */
export const mailerContract = (subject: {
  readonly name: string;
  readonly start: () => Promise<MailerHarness>;
}): void => {
  describe(`mailer ${subject.name}`, () => {
    let started: MailerHarness | undefined;
    const harness = (): MailerHarness => {
      if (!started) throw new Error('the harness has not been started');
      return started;
    };
    beforeAll(async () => {
      started = await subject.start();
    });
    afterAll(() => started?.close());

    it('hands over the text and the files unharmed', async () => {
      expect(await harness().mailer.send(aMail)()).toEqual(right(null));
      const [mail = ''] = await harness().arrived();
      const head = headersOf(mail);
      expect(head).toContain('From: ledger@example.org\r\n');
      expect(head).toContain('To: ops@example.org\r\n');
      expect(head).toContain('Subject: =?UTF-8?Q?Fleet_report=2C_Berlin_S=C3=BCd?=');
      expect(head).toContain('Message-ID: <report.2026-03-14-B-1@example.org>');
      const [text = '', file = ''] = parts(mail);
      expect(bytesOf(text).toString('utf8').replaceAll('\r\n', '\n').trim()).toBe(
        aMail.text.trim(),
      );
      expect(headersOf(file)).toMatch(/application\/pdf/);
      const sent = aMail.attachments[0]?.bytes ?? new Uint8Array();
      expect(bytesOf(file).equals(Buffer.from(sent))).toBe(true);
    });

    it('gives the same mail the same name when it is sent again', async () => {
      expect(await harness().mailer.send(aMail)()).toEqual(right(null));
      const names = (await harness().arrived()).map(
        (mail) => /^Message-ID: (.*)$/im.exec(mail)?.[1],
      );
      expect(new Set(names).size).toBe(1);
    });

    it.each<readonly [string, Partial<Mail>]>([
      ['id_malformed', { id: '../../etc/passwd' }],
      ['id_malformed', { id: '' }],
      ['address_malformed', { to: 'nobody' }],
      ['address_malformed', { to: 'a@example.org, b@example.org' }],
      ['address_malformed', { to: 'a@example.org\r\nBcc: b@example.org' }],
      [
        'too_large',
        {
          attachments: [
            { name: 'x', mediaType: 'x/y', bytes: new Uint8Array(16 * 1024 * 1024 + 1) },
          ],
        },
      ],
    ])('refuses what is %s (%#)', async (reason, change) => {
      const before = (await harness().arrived()).length;
      const outcome = await harness().mailer.send({ ...aMail, ...change })();
      expect(outcome).toEqual(left({ code: 'MailRefused', reason }));
      expect(await harness().arrived()).toHaveLength(before);
    });

    it('lets no line break of a subject or a file name become a header', async () => {
      const [attachment] = aMail.attachments;
      if (!attachment) throw new Error('no attachment');
      const odd = {
        ...aMail,
        id: 'odd',
        subject: 'a\r\nBcc: x@example.org',
        attachments: [{ ...attachment, name: 'b\r\nX-Evil: 1.pdf' }],
      };
      expect(await harness().mailer.send(odd)()).toEqual(right(null));
      const mail = (await harness().arrived()).find((each) => each.includes('<odd@')) ?? '';
      expect(mail).not.toBe('');
      expect(mail).not.toMatch(/^(?:Bcc|X-Evil):/m);
    });
  });
};

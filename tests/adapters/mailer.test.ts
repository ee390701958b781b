import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { left, right } from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { fileMailer } from '#adapters/fileMailer.ts';
import { smtpMailer } from '#adapters/smtpMailer.ts';
import { aMail, mailerContract } from '#tests/contracts/mailer.ts';
import { type SmtpManner, smtpServer } from '#tests/support/smtpServer.ts';

const from = 'ledger@example.org';

const withDirectory = async <Result>(use: (directory: string) => Promise<Result>) => {
  const directory = await mkdtemp(join(tmpdir(), 'ledger-mail-'));
  try {
    return await use(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
};

mailerContract({
  name: 'to files',
  start: async () => {
    const directory = await mkdtemp(join(tmpdir(), 'ledger-mail-'));
    const mails = join(directory, 'mail');
    return {
      mailer: fileMailer({ directory: mails, from }),
      arrived: async () => {
        const names = await readdir(mails).catch(() => []);
        return Promise.all(names.map((name) => readFile(join(mails, name), 'latin1')));
      },
      close: () => rm(directory, { recursive: true }),
    };
  },
});

mailerContract({
  name: 'by SMTP',
  start: async () => {
    const server = await smtpServer();
    return {
      mailer: smtpMailer({ url: server.url, from }),
      arrived: async () => server.taken,
      close: server.close,
    };
  },
});

describe('a mail in a file', () => {
  it('is one file that only we may read, however often it is sent', () =>
    withDirectory(async (directory) => {
      const mailer = fileMailer({ directory, from });
      for (let n = 0; n < 2; n += 1) expect(await mailer.send(aMail)()).toEqual(right(null));
      expect(await readdir(directory)).toEqual([`${aMail.id}.eml`]);
      expect((await stat(join(directory, `${aMail.id}.eml`))).mode & 0o777).toBe(0o600);
    }));

  it('is not sent where there is no room for it', () =>
    withDirectory(async (directory) => {
      await writeFile(join(directory, 'file'), '');
      const nowhere = fileMailer({ directory: join(directory, 'file', 'mail'), from });
      const gone = left({ code: 'MailNotSent', reason: 'disk' });
      expect(await nowhere.send(aMail)()).toEqual(gone);
      await mkdir(join(directory, `${aMail.id}.eml`));
      expect(await fileMailer({ directory, from }).send(aMail)()).toEqual(gone);
    }));
});

describe('a mail server', () => {
  const told = async (change: Partial<SmtpManner>, credentials = '') => {
    const server = await smtpServer(change);
    const url = server.url.replace('//', `//${credentials}`);
    const timeouts = { connect_timeout_ms: 200, silence_max_ms: 200 };
    const outcome = await smtpMailer({ url, from, ...timeouts }).send(aMail)();
    await server.close();
    return { outcome, heard: server.heard };
  };

  it.each<readonly [string, Partial<SmtpManner>, string, string]>([
    ['refuses the recipient', { answers: { RCPT: '550 no' } }, 'MailRefused', 'EENVELOPE_550'],
    ['is full', { answers: { RCPT: '452 later' } }, 'MailNotSent', 'EENVELOPE_452'],
    ['refuses the text', { afterText: '554 spam' }, 'MailRefused', 'EMESSAGE_554'],
    ['has no time for the text', { afterText: '451 later' }, 'MailNotSent', 'EMESSAGE_451'],
    ['says nothing to the text', { afterText: 'cut' }, 'MailUnknown', 'ECONNECTION'],
    ['goes away before the text', { answers: { DATA: 'cut' } }, 'MailNotSent', 'ECONNECTION'],
    ['goes away at once', { greets: '554 not today' }, 'MailNotSent', 'EPROTOCOL_554'],
    ['never says a word', { greets: null }, 'MailNotSent', 'ETIMEDOUT'],
  ])('that %s is told from others', async (_, manner, code, reason) => {
    expect((await told(manner)).outcome).toEqual(left({ code, reason }));
  });

  it('that is away has not got the mail', async () => {
    const server = await smtpServer();
    await server.close();
    const outcome = await smtpMailer({ url: server.url, from }).send(aMail)();
    expect(outcome).toEqual(left({ code: 'MailNotSent', reason: 'ESOCKET' }));
  });

  it('is told who we are, and that it does not know us is no refusal of the mail', async () => {
    const known = await told({}, 'us%40x:p%3Aw@');
    expect(known.outcome).toEqual(right(null));
    const said = known.heard.find((line) => line.startsWith('AUTH PLAIN ')) ?? '';
    expect(Buffer.from(said.slice('AUTH PLAIN '.length), 'base64').toString()).toBe('\0us@x\0p:w');
    const unknown = await told({ answers: { AUTH: '535 who' } }, 'us:pw@');
    expect(unknown.outcome).toEqual(left({ code: 'MailNotSent', reason: 'EAUTH_535' }));
  });
});

import { Readable } from 'node:stream';
import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import SMTPConnection, { type SMTPConnectionOptions } from 'nodemailer/lib/smtp-connection';
import { z } from 'zod';
import type { Mailer, MailFailure } from '#commands/mail.ts';
import { mailText } from './mailText.ts';

const CONNECT_TIMEOUT_MS = 10_000;
const SILENCE_MAX_MS = 30_000;
const SEND_MAX_MS = 120_000;
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Where a mail goes out: `smtp://user:password@host:port`, or `smtps://…` with TLS from the start. */
interface Options {
  readonly url: string;
  readonly from: string;
  readonly connect_timeout_ms?: number;
  readonly silence_max_ms?: number;
}

const Told = z.object({
  code: z
    .string()
    .regex(/^E[A-Z]+$/)
    .default('EUNKNOWN'),
  responseCode: z.int().min(200).max(599).optional(),
  permanent: z.boolean().default(false),
});

const settingsOf = ({ url, connect_timeout_ms, silence_max_ms }: Options) => {
  const { protocol, hostname, port, username, password } = new URL(url);
  const timeout_ms = connect_timeout_ms ?? CONNECT_TIMEOUT_MS;
  const connection: SMTPConnectionOptions = {
    host: hostname.replaceAll(/[[\]]/g, ''),
    ...(port !== '' && { port: Number(port) }),
    secure: protocol === 'smtps:',
    // A password never goes over a line that others could listen to.
    requireTLS: protocol === 'smtp:' && username !== '' && !LOOPBACK.has(hostname),
    connectionTimeout: timeout_ms,
    greetingTimeout: timeout_ms,
    dnsTimeout: timeout_ms,
    socketTimeout: silence_max_ms ?? SILENCE_MAX_MS,
  };
  const credentials = { user: decodeURIComponent(username), pass: decodeURIComponent(password) };
  return { connection, credentials: username === '' ? null : credentials };
};

/** How far a mail has come: the server is asked to be there, is told of the mail, or gets its text. */
type Stage = 'connecting' | 'offered' | 'under_way';

/**
 * What an error says of a mail. A server that wants nothing of us has not refused the mail; once the text was
 * under way, only the server's answer tells what came of it.
 */
const failureOf = (error: unknown, stage: Stage): MailFailure => {
  const { code, responseCode, permanent } = Told.parse(error);
  const reason = responseCode === undefined ? code : `${code}_${responseCode}`;
  if (permanent && stage !== 'connecting') return { code: 'MailRefused', reason };
  const isUnknown = stage === 'under_way' && responseCode === undefined;
  return { code: isUnknown ? 'MailUnknown' : 'MailNotSent', reason };
};

/** Mails by SMTP, each over a connection of its own. */
export const smtpMailer = (options: Options): Mailer => {
  const textOf = mailText(options.from);
  const { connection: settings, credentials } = settingsOf(options);

  const deliver = (to: string, text: Buffer): Promise<Either<MailFailure, null>> =>
    new Promise((resolve) => {
      let stage: Stage = 'connecting';
      const connection = new SMTPConnection(settings);
      const end = (error: unknown): void => {
        clearTimeout(clock);
        resolve(error ? left(failureOf(error, stage)) : right(null));
        connection.close();
      };
      const clock = setTimeout(end, SEND_MAX_MS, { code: 'ETIMEDOUT' });
      // It is read when the server has agreed to take it, and not before.
      const message = Readable.from(
        (function* () {
          stage = 'under_way';
          yield text;
        })(),
      );
      const send = (): void => {
        stage = 'offered';
        connection.send({ from: options.from, to: [to] }, message, end);
      };
      connection.on('error', end);
      connection.connect((error) => {
        if (error) end(error);
        else if (credentials === null) send();
        else connection.login({ credentials }, (refused) => (refused ? end(refused) : send()));
      });
    });

  return {
    send: (mail) => async () => {
      const text = await textOf(mail);
      return isLeft(text) ? text : deliver(mail.to, text.right);
    },
  };
};

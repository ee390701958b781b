import { join } from 'node:path';
import { z } from 'zod';
import { Tenant } from '#domain/kernel/ids.ts';

const RECEIVERS_MAX = 1_000;

const Receiver = z
  .string()
  .transform((text) => text.split('='))
  .pipe(z.tuple([Tenant, z.email()]));

/** What the environment may say about mails. The address of the server holds a secret. */
export const MailEnvironment = z.object({
  SMTP_URL: z.url({ protocol: /^smtps?$/ }).optional(),
  MAIL_FROM: z.email().default('ledger@example.org'),
  REPORTS_TO: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(Receiver).max(RECEIVERS_MAX))
    .optional(),
});

/**
 * How mails go out: by a server, or into files of a directory; and who gets reports, by tenant. `reportsTo`
 * null: nothing is said of that.
 */
export interface MailConfig {
  readonly way:
    | { readonly kind: 'smtp'; readonly url: string }
    | { readonly kind: 'files'; readonly directory: string };
  readonly from: string;
  readonly reportsTo: ReadonlyMap<Tenant, string> | null;
}

/** Where no server is named, mails are files under the data directory. */
export const mailConfig = (
  said: z.infer<typeof MailEnvironment>,
  dataDirectory: string,
): MailConfig => ({
  way:
    said.SMTP_URL === undefined
      ? { kind: 'files', directory: join(dataDirectory, 'mail') }
      : { kind: 'smtp', url: said.SMTP_URL },
  from: said.MAIL_FROM,
  reportsTo: said.REPORTS_TO === undefined ? null : new Map(said.REPORTS_TO),
});

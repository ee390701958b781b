import { join } from 'node:path';
import { z } from 'zod';
import type { TelemetryRetention } from '#adapters/telemetryLayout.ts';
import { SLEEP_OVERHEAD_S } from '#domain/features/rest.ts';
import { type BankConfig, BankEnvironment, bankConfig } from './bankConfig.ts';
import { type ImportConfig, ImportEnvironment, importConfig } from './importConfig.ts';
import { type ListenerConfig, ListenerEnvironment, listenerConfig } from './listenerConfig.ts';
import { type MailConfig, MailEnvironment, mailConfig } from './mailConfig.ts';
import { type RelayConfig, RelayEnvironment, relayConfig } from './relayConfig.ts';
import { withSecretsFromFiles } from './secretFiles.ts';

const ROOT = join(import.meta.dirname, '..');

const LOGIN_PORT = 8_081;

const flag = z.enum(['on', 'off']);

/** An origin as browsers name it, to the letter; `*` and `null` are none. */
const Origin = z.string().refine((text) => URL.canParse(text) && new URL(text).origin === text);
const CORS_ORIGINS_MAX = 20;

const PerSecond = z.coerce.number().int().min(1).max(1_000_000);

/** What the environment may say. Anything else it says is somebody else's. */
const Environment = z.object({
  DATA_DIR: z.string().min(1).default(join(ROOT, '.data')),
  KEYS_DIR: z.string().min(1).optional(),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  EVENTSTORE_URL: z.string().startsWith('esdb').optional(),
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(8080),
  OIDC_ISSUER: z.url().optional(),
  OIDC_PORT: z.union([z.literal('off'), z.coerce.number().int().min(0).max(65_535)]).optional(),
  OIDC_AUDIENCE: z.string().min(1).default('equinomix'),
  CORS_ORIGINS: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(Origin).max(CORS_ORIGINS_MAX))
    .default([]),
  ADDRESS_REQUESTS_PER_S: PerSecond.default(20_000),
  SUBJECT_REQUESTS_PER_S: PerSecond.default(1_000),
  DEVICE_REQUESTS_PER_S: PerSecond.default(100),
  DEMO: flag.optional(),
  DEMO_SEED: z.string().min(1).max(64).default('equinomix'),
  DEMO_UNTIL: z.iso.date().optional(),
  DEMO_LIVE: z.coerce.number().int().min(0).max(60).default(12),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
  SLEEP_OVERHEAD_MIN: z.coerce
    .number()
    .int()
    .min(0)
    .max(600)
    .default(SLEEP_OVERHEAD_S / 60),
  TELEMETRY_RAW_DAYS: z.coerce.number().int().min(1).max(3_650).default(7),
  TELEMETRY_ROLLUP_DAYS: z.coerce.number().int().min(1).max(36_500).default(90),
  TELEMETRY_SAMPLING_MS: z.coerce.number().int().min(0).max(3_600_000).default(5_000),
  ...BankEnvironment.shape,
  ...ListenerEnvironment.shape,
  ...RelayEnvironment.shape,
  ...MailEnvironment.shape,
  ...ImportEnvironment.shape,
});

/** How the parts are to be put together. `demo` is null where none is wanted. */
export interface Config {
  readonly dataDirectory: string;
  readonly keysDirectory: string;
  readonly databaseUrl: string | null;
  readonly eventStoreUrl: string | null;
  readonly host: string;
  readonly port: number;
  readonly oidc: { readonly issuer: string; readonly audience: string } | null;
  /** Where the demo's own login is, on this machine alone; 0 is any free port, null no login. */
  readonly loginPort: number | null;
  /** Origins whose pages a browser may let talk to the API. */
  readonly corsOrigins: readonly string[];
  /** How many requests there may be in a second: of an address, of a subject, of a device. */
  readonly rates: {
    readonly address_per_s_max: number;
    readonly subject_per_s_max: number;
    readonly device_per_s_max: number;
  };
  readonly demo: {
    readonly seed: string;
    readonly until: string | null;
    /** How many of its vehicles move once it is filled in. */
    readonly live: number;
  } | null;
  readonly logLevel: z.infer<typeof Environment>['LOG_LEVEL'];
  readonly otlpEndpoint: string | null;
  readonly listeners: ListenerConfig;
  readonly relay: RelayConfig;
  readonly mail: MailConfig;
  readonly bank: BankConfig;
  readonly imports: ImportConfig;
  /** The least interval between two readings of a device that are kept; 0: all are, as replays need it. */
  readonly samplingInterval_ms: number;
  readonly telemetryRetention: TelemetryRetention;
  /** What of a gap between work is no sleep, but travel and meals. */
  readonly sleepOverhead_s: number;
}

/** The demo's login is there by default where all is embedded, and never beside a real issuer. */
const loginPortOf = (
  { OIDC_ISSUER, OIDC_PORT }: z.infer<typeof Environment>,
  embedded: boolean,
): number | null => {
  if (OIDC_ISSUER !== undefined || OIDC_PORT === 'off') return null;
  return OIDC_PORT ?? (embedded ? LOGIN_PORT : null);
};

/**
 * Reads the configuration from the environment. A demo is filled in by default where Postgres is the embedded
 * one and no issuer of tokens is configured. Throws with the names, never the values, of what is wrong.
 */
export const readConfig = (environment: NodeJS.ProcessEnv): Config => {
  const parsed = Environment.safeParse(withSecretsFromFiles(environment));
  if (!parsed.success) {
    const names = parsed.error.issues.map(({ path }) => path.join('.')).join(', ');
    throw new Error(`the environment is wrong in: ${names}`);
  }
  const said = parsed.data;
  const embedded = said.DATABASE_URL === undefined && said.OIDC_ISSUER === undefined;
  const wanted = said.DEMO === undefined ? embedded : said.DEMO === 'on';
  return {
    dataDirectory: said.DATA_DIR,
    keysDirectory: said.KEYS_DIR ?? join(said.DATA_DIR, 'keys'),
    databaseUrl: said.DATABASE_URL ?? null,
    eventStoreUrl: said.EVENTSTORE_URL ?? null,
    host: said.HOST,
    port: said.PORT,
    oidc: said.OIDC_ISSUER ? { issuer: said.OIDC_ISSUER, audience: said.OIDC_AUDIENCE } : null,
    loginPort: loginPortOf(said, embedded),
    corsOrigins: said.CORS_ORIGINS,
    rates: {
      address_per_s_max: said.ADDRESS_REQUESTS_PER_S,
      subject_per_s_max: said.SUBJECT_REQUESTS_PER_S,
      device_per_s_max: said.DEVICE_REQUESTS_PER_S,
    },
    demo: wanted
      ? { seed: said.DEMO_SEED, until: said.DEMO_UNTIL ?? null, live: said.DEMO_LIVE }
      : null,
    logLevel: said.LOG_LEVEL,
    otlpEndpoint: said.OTEL_EXPORTER_OTLP_ENDPOINT ?? null,
    listeners: listenerConfig(said, { host: said.HOST, embedded }),
    relay: relayConfig(said, { embedded }),
    mail: mailConfig(said, said.DATA_DIR),
    bank: bankConfig(said),
    imports: importConfig(said),
    samplingInterval_ms: said.TELEMETRY_SAMPLING_MS,
    sleepOverhead_s: said.SLEEP_OVERHEAD_MIN * 60,
    telemetryRetention: {
      raw_days: said.TELEMETRY_RAW_DAYS,
      rollup_days: said.TELEMETRY_ROLLUP_DAYS,
      quarantine_days: said.TELEMETRY_RAW_DAYS,
    },
  };
};

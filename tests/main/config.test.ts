import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '#main/config.ts';

const SECRET = 'correct-horse-battery';
const DATABASE = `postgres://ledger:${SECRET}@127.0.0.1:1/ledger`;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ledger-config-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const fileOf = async (text: string): Promise<string> => {
  const file = join(folder, String(Math.round(performance.now() * 1_000)));
  await writeFile(file, text);
  return file;
};
const messageOf = (environment: Readonly<Record<string, string>>): string => {
  try {
    readConfig(environment);
  } catch (error) {
    return String(error);
  }
  return 'nothing was wrong';
};

describe('a secret', () => {
  it('may come from a file, with or without a line break at its end', async () => {
    for (const end of ['', '\n', '\r\n']) {
      const DATABASE_URL_FILE = await fileOf(`${DATABASE}${end}`);
      expect(readConfig({ DATABASE_URL_FILE }).databaseUrl).toBe(DATABASE);
    }
    const MQTT_PASSWORD_FILE = await fileOf(SECRET);
    const MQTT_URL_FILE = await fileOf('mqtt://broker.example');
    const { broker } = readConfig({ MQTT_URL_FILE, MQTT_PASSWORD_FILE }).listeners;
    expect(broker).toMatchObject({ url: 'mqtt://broker.example', password: SECRET });
  });

  it('comes one way, not both', async () => {
    const said = messageOf({ DATABASE_URL: DATABASE, DATABASE_URL_FILE: await fileOf(DATABASE) });
    expect(said).toContain('DATABASE_URL and DATABASE_URL_FILE');
  });

  it('is told by its name alone when it is wrong', async () => {
    const gone = join(folder, 'gone');
    const empty = await fileOf('\n');
    const wrong = await fileOf(`mysql://${SECRET}`);
    for (const DATABASE_URL_FILE of [gone, empty, wrong]) {
      const said = messageOf({ DATABASE_URL_FILE });
      expect(said).toContain('DATABASE_URL');
      expect(said).not.toContain(SECRET);
      expect(said).not.toContain(folder);
    }
    expect(messageOf({ DATABASE_URL: SECRET })).not.toContain(SECRET);
  });

  it('is not in what the server says when its database is away', async () => {
    const environment = {
      PATH: process.env['PATH'] ?? '',
      DATA_DIR: folder,
      DATABASE_URL_FILE: await fileOf(DATABASE),
      LOG_LEVEL: 'debug',
      PORT: '0',
    };
    const said = await new Promise<string>((ended) => {
      const options = { env: environment, timeout: 30_000 };
      execFile(process.execPath, ['main.ts'], options, (_error, out, wrong) =>
        ended(`${out}${wrong}`),
      );
    });
    expect(said).toContain('ECONNREFUSED');
    expect(said).not.toContain(SECRET);
  });
});

describe('the login of the demo', () => {
  it('is there where all is embedded, and never beside a real issuer', () => {
    expect(readConfig({}).loginPort).toBe(8_081);
    expect(readConfig({ OIDC_PORT: 'off' }).loginPort).toBeNull();
    expect(readConfig({ DATABASE_URL: DATABASE }).loginPort).toBeNull();
    expect(readConfig({ DATABASE_URL: DATABASE, OIDC_PORT: '0' }).loginPort).toBe(0);
    const real = { OIDC_ISSUER: 'https://id.example', OIDC_PORT: '9' };
    expect(readConfig(real).loginPort).toBeNull();
  });
});

describe('origins', () => {
  it('are named to the letter, and none by default', () => {
    expect(readConfig({}).corsOrigins).toEqual([]);
    const CORS_ORIGINS = 'https://fleet.example,http://127.0.0.1:3000';
    expect(readConfig({ CORS_ORIGINS }).corsOrigins).toEqual(CORS_ORIGINS.split(','));
    for (const wrong of ['*', 'null', 'fleet.example', 'https://fleet.example/', ''])
      expect(messageOf({ CORS_ORIGINS: wrong })).toContain('CORS_ORIGINS');
  });
});

describe('mails', () => {
  it('are files of the data directory, unless a server is named', async () => {
    const quiet = readConfig({ DATA_DIR: folder }).mail;
    expect(quiet).toEqual({
      way: { kind: 'files', directory: join(folder, 'mail') },
      ...{ from: 'ledger@example.org', reportsTo: null },
    });
    const url = `smtp://us:${SECRET}@mail.example.org`;
    const SMTP_URL_FILE = await fileOf(url);
    const MAIL_FROM = 'us@example.org';
    const REPORTS_TO = 'acme=a@example.org,other=b@example.org';
    expect(readConfig({ SMTP_URL_FILE, MAIL_FROM, REPORTS_TO }).mail).toEqual({
      ...{ way: { kind: 'smtp', url }, from: MAIL_FROM },
      reportsTo: new Map([
        ['acme', 'a@example.org'],
        ['other', 'b@example.org'],
      ]),
    });
  });

  it('are told by name alone when they are wrong', () => {
    expect(messageOf({ SMTP_URL: `http://${SECRET}` })).toMatch(/SMTP_URL$/);
    for (const REPORTS_TO of ['', 'acme', 'acme=nobody', 'ACME=a@example.org', 'a=b@c.org=d']) {
      expect(messageOf({ REPORTS_TO })).toContain('REPORTS_TO');
    }
  });
});

import { readFileSync } from 'node:fs';

const SECRET_MAX_CHARS = 64 * 1_024;

/** What nobody but us may read: each may also come as `<NAME>_FILE`, the path of a file that holds it. */
const SECRETS = [
  'DATABASE_URL',
  'EVENTSTORE_URL',
  'MQTT_URL',
  'MQTT_PASSWORD',
  'WIALON_TOKEN',
  'SMTP_URL',
];

const readSecret = (variable: string, path: string): string => {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new Error(`the environment is wrong in: ${variable}, which cannot be read`);
  }
  // Editors and `echo` end a file with a line break that is no part of the secret.
  const secret = text.replace(/\r?\n$/, '');
  if (secret === '' || secret.length > SECRET_MAX_CHARS)
    throw new Error(`the environment is wrong in: ${variable}, which holds no secret`);
  return secret;
};

/**
 * The environment with the secrets that it only names the files of. Throws where a secret is given both ways,
 * or its file cannot be read; with the names of variables, never with a path or a value.
 */
export const withSecretsFromFiles = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv => {
  const found: Record<string, string> = {};
  for (const name of SECRETS) {
    const variable = `${name}_FILE`;
    const path = environment[variable];
    if (path === undefined) continue;
    if (environment[name] !== undefined)
      throw new Error(
        `the environment is wrong in: ${name} and ${variable}, of which one is enough`,
      );
    found[name] = readSecret(variable, path);
  }
  return { ...environment, ...found };
};

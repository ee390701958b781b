import { join } from 'node:path';
import type { Config } from './config.ts';

/** The file with the key of the demo's tokens, which server and command line share. */
export const demoKeyFile = ({ keysDirectory }: Pick<Config, 'keysDirectory'>): string =>
  join(keysDirectory, 'demo-token.json');

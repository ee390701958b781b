import { z } from 'zod';

/** What the environment may say about files that are taken in. */
export const ImportEnvironment = z.object({
  IMPORT_DIR: z.string().min(1).optional(),
  IMPORT_EVERY_MIN: z.coerce.number().int().min(5).max(15).default(10),
  IMPORT_KEPT_DAYS: z.coerce.number().int().min(1).max(365).default(30),
});

/** Where files lie, null for nowhere; how often it is looked there; how long what they said is kept. */
export interface ImportConfig {
  readonly directory: string | null;
  readonly every_min: number;
  readonly kept_days: number;
}

/** The imports as the environment has them. */
export const importConfig = (said: z.infer<typeof ImportEnvironment>): ImportConfig => ({
  directory: said.IMPORT_DIR ?? null,
  every_min: said.IMPORT_EVERY_MIN,
  kept_days: said.IMPORT_KEPT_DAYS,
});

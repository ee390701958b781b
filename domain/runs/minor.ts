import { z } from 'zod';

/** Minor units of a run's currency, as a decimal string; below zero for what was reversed. */
export const Minor = z.string().regex(/^(?:0|-?[1-9]\d{0,17})$/);

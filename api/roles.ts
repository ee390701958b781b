import { z } from 'zod';

/** The roles a token can bear, in the order in which one is chosen where several would do. */
export const Role = z.enum(['operator', 'driver', 'investor', 'admin', 'auditor', 'analyst']);
export type Role = z.infer<typeof Role>;

/** What a bearer may do beyond a role: `immobilize` lets an operator have engines blocked. */
export const Permission = z.enum(['immobilize']);
export type Permission = z.infer<typeof Permission>;

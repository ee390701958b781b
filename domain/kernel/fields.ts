import { z } from 'zod';

/** Bounds that no honest fact of one vehicle breaks; a value beyond them is a unit mistaken. */
const DISTANCE_MAX_M = 5_000_000;
const ODOMETER_MAX_M = 5_000_000_000;
const SPEED_MAX_KMH = 400;

/** A word of a closed or agreed vocabulary: a reason, a kind of offence. Never free text. */
export const Code = z.string().regex(/^[a-z][a-z0-9_]{0,47}$/);

/** A reference in somebody else's books: a file number, a part number, a plan. Never a name. */
export const Reference = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,47}$/);

/**
 * A designation from a trade register or catalogue, such as a make, a model or a park: one line, 1 to 60
 * characters.
 */
export const Label = z.string().regex(/^[\p{L}\p{N}][\p{L}\p{N} .,&'()+/-]{0,59}$/u);

/** The longest that anything may last which has a duration, in seconds. */
export const DURATION_MAX_S = 14 * 86_400;

export const Distance_m = z.int().min(0).max(DISTANCE_MAX_M);
export const Odometer_m = z.int().min(0).max(ODOMETER_MAX_M);
export const Duration_s = z.int().min(0).max(DURATION_MAX_S);
export const Speed_kmh = z.int().min(0).max(SPEED_MAX_KMH);
/** An acceleration in hundredths of a metre per second squared; no vehicle on wheels comes near 20 g. */
export const Acceleration_cmps2 = z.int().min(0).max(20_000);
export const PenaltyPoints = z.int().min(0).max(100);

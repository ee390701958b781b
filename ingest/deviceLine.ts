import { z } from 'zod';
import { Instant } from '#domain/kernel/instant.ts';
import type { TopicOwner } from './listeners/telemetryTopic.ts';

const OUTPUTS_BITS_MAX = 0xffff_ffff;
const Action = z.enum(['block', 'release', 'query_position']);

/**
 * What a device is to do. `output`: which of its outputs blocks, from 1; whether on or off does is for the
 * device to know. What it has not begun by `expires_at`, by its own clock, it must never do.
 */
export const DeviceOrder = z.strictObject({
  order: z.uuid(),
  action: Action,
  output: z.int().min(1).max(32),
  expires_at: Instant,
});
export type DeviceOrder = z.infer<typeof DeviceOrder>;

/**
 * What a device has done: `executed`, `refused_fix`, `refused_speed`, or words that we do not know. `action`:
 * that of the order, so that an answer says by itself what it is about. `dout`: its outputs afterwards, the
 * first is the lowest bit; null: it does not tell.
 */
export const DeviceAnswer = z.object({
  order: z.string().min(1).max(64),
  action: Action,
  result: z.string().min(1).max(64),
  at: Instant,
  dout: z.int().min(0).max(OUTPUTS_BITS_MAX).nullable(),
});
export type DeviceAnswer = z.infer<typeof DeviceAnswer>;

/** The greatest order or answer. */
export const LINE_MESSAGE_MAX_BYTES = 1_024;

/**
 * What became of a message to a device. `taken`: by the device where the line is our own broker, by the
 * broker where it is somebody else's. `nobody`: no such device listens. `away`: the broker cannot be reached.
 * Either way the device was certainly not given it. `unknown`: it may have been.
 */
export type LineOutcome = 'taken' | 'nobody' | 'away' | 'unknown';

/** How the product speaks to devices by MQTT. */
export interface DeviceLine {
  readonly order: (to: TopicOwner, message: Buffer, expires_s: number) => Promise<LineOutcome>;
  /** Whether a device listens; null where that cannot be told. */
  readonly isConnected: (to: TopicOwner) => boolean | null;
  /** Calls with every answer, first with the last one of each device that is known; answers how to stop. */
  readonly listen: (hear: (from: TopicOwner, message: Buffer) => void) => () => void;
}

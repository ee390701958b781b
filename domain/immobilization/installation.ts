import { z } from 'zod';
import { Reference } from '#domain/kernel/fields.ts';
import { InstallationId } from '#domain/kernel/ids.ts';
import { LocalDate } from '#domain/kernel/instant.ts';
import { RelayMethod } from './words.ts';

/**
 * How the immobilizer of a vehicle was built in, as its installer recorded it.
 *
 * - `unit`: what the relay calls the device; `output`: its output that blocks, from 1; `blocks_when_on`:
 *   whether the engine is blocked while that output is on.
 * - `interrupts`: what it breaks. A starter can stop no engine that runs; everything else can.
 * - `speed_guard_tested_on`: when it was last shown that the device itself refuses while the vehicle moves.
 * - `ignition_from`: where the device has the ignition from. A voltage that was guessed from is no signal.
 * - `defers_when_refused`: whether a device that refuses for now does it later of its own accord.
 * - `installer`, `certificate`: references in the installer's books.
 */
export const Installation = z.strictObject({
  installation: InstallationId,
  method: RelayMethod,
  unit: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}$/),
  output: z.int().min(1).max(32),
  blocks_when_on: z.boolean(),
  interrupts: z.enum(['starter', 'ignition', 'fuel_pump']),
  speed_guard_tested_on: LocalDate.nullable(),
  ignition_from: z.enum(['wire', 'can', 'voltage', 'none']),
  defers_when_refused: z.boolean(),
  installer: Reference,
  certificate: Reference,
});
export type Installation = z.infer<typeof Installation>;

/**
 * Whether an installation can stop no vehicle that moves: the starter alone is broken, or the device was
 * shown to refuse. Nobody can promise that a vehicle stays where it is between the last look and the
 * relay's click, so no other may ever be blocked.
 */
export const cannotStopMoving = ({
  interrupts,
  speed_guard_tested_on,
}: Pick<Installation, 'interrupts' | 'speed_guard_tested_on'>): boolean =>
  interrupts === 'starter' || speed_guard_tested_on !== null;

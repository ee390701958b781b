import { type Either, isLeft } from 'fp-ts/lib/Either.js';
import type { Unavailable } from '#commands/ports.ts';
import type {
  Credentials,
  DeviceAccess,
  DeviceRefused,
  DeviceTooOften,
  Grant,
} from '#ingest/deviceAccess.ts';
import type { Listener } from '#ingest/ports.ts';
import type { RefusedLogin, Sight } from './sighting.ts';

const REASONS = {
  DeviceRefused: 'refused',
  DeviceTooOften: 'too_often',
  Unavailable: 'unavailable',
} as const satisfies Record<string, RefusedLogin>;

/** Asks whether a device is let in, and tells of it where it is not. */
export const admit =
  ({ access, sight }: { readonly access: DeviceAccess; readonly sight: Sight }) =>
  async (
    listener: Listener,
    credentials: Credentials,
  ): Promise<Either<Unavailable | DeviceRefused | DeviceTooOften, Grant>> => {
    const verdict = await access.verify(credentials)();
    if (isLeft(verdict)) {
      sight({ type: 'login_refused', listener, reason: REASONS[verdict.left.code] });
    }
    return verdict;
  };

import { type Either, isLeft } from 'fp-ts/lib/Either.js';
import type { Unavailable } from '#commands/ports.ts';
import type { Credentials, DeviceAccess, DeviceRefused, Grant } from '#ingest/deviceAccess.ts';
import type { Listener } from '#ingest/ports.ts';
import type { Sight } from './sighting.ts';

/** Asks whether a device is let in, and tells of it where it is not. */
export const admit =
  ({ access, sight }: { readonly access: DeviceAccess; readonly sight: Sight }) =>
  async (
    listener: Listener,
    credentials: Credentials,
  ): Promise<Either<Unavailable | DeviceRefused, Grant>> => {
    const verdict = await access.verify(credentials)();
    if (isLeft(verdict)) {
      const reason = verdict.left.code === 'DeviceRefused' ? 'refused' : 'unavailable';
      sight({ type: 'login_refused', listener, reason });
    }
    return verdict;
  };

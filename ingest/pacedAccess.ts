import { isLeft, left } from 'fp-ts/lib/Either.js';
import type { DeviceAccess } from './deviceAccess.ts';
import type { rateWindow } from './rateWindow.ts';

/**
 * Lets a device in so often and no more. Only those are counted who proved who they are: nobody can shut a
 * device out by calling themselves by its name.
 */
export const pacedAccess = (
  access: DeviceAccess,
  pace: ReturnType<typeof rateWindow>,
): DeviceAccess => ({
  ...access,
  verify: (credentials) => async () => {
    const verdict = await access.verify(credentials)();
    if (isLeft(verdict)) return verdict;
    const retry_after_s = pace(verdict.right.ident);
    return retry_after_s === null ? verdict : left({ code: 'DeviceTooOften', retry_after_s });
  },
});

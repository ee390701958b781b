/** How much of something there may be in a stretch of time, and of how many it is counted. */
export interface Rate {
  readonly times_max: number;
  readonly window_ms: number;
  /** Of how many keys at a time it is counted; the one that began longest ago is forgotten first. */
  readonly keys_max: number;
}

/**
 * Counts how often each key comes in a stretch of time that begins when it first comes. Answers null as long
 * as it may, and then after how many seconds it may again.
 */
export const rateWindow = ({ times_max, window_ms, keys_max }: Rate, now_ms = Date.now) => {
  const counted = new Map<string, { readonly until_ms: number; times: number }>();
  return (key: string): number | null => {
    const now = now_ms();
    const held = counted.get(key);
    // A clock that was set back must not shut anybody out for longer than the stretch.
    if (held && now < held.until_ms && held.until_ms <= now + window_ms) {
      held.times += 1;
      return held.times <= times_max ? null : Math.ceil((held.until_ms - now) / 1_000);
    }
    counted.delete(key);
    const [oldest] = counted.keys();
    if (counted.size >= keys_max && oldest !== undefined) counted.delete(oldest);
    counted.set(key, { until_ms: now + window_ms, times: 1 });
    return null;
  };
};

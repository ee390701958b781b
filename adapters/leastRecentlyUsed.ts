/** The entries used last, at most so many. A value is never undefined. */
export const leastRecentlyUsed = <Value>(entries_max: number) => {
  const entries = new Map<string, Value>();
  const put = (key: string, value: Value): void => {
    entries.delete(key);
    entries.set(key, value);
    const [oldest] = entries.keys();
    if (entries.size > entries_max && oldest !== undefined) entries.delete(oldest);
  };
  return {
    get: (key: string): Value | undefined => {
      const value = entries.get(key);
      if (value !== undefined) put(key, value);
      return value;
    },
    put,
    drop: (key: string): void => {
      entries.delete(key);
    },
  };
};

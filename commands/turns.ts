/** Lets those who name the same key go one after another, in the order they came; others do not wait. */
export type Turns = <T>(key: string, task: () => Promise<T>) => Promise<T>;

/**
 * Turns within this process. They save writers of one stream from meeting each other as conflicts; between
 * processes, and for the truth of it, the store's expected revision decides.
 */
export const turns = (): Turns => {
  const last = new Map<string, Promise<unknown>>();
  return (key, task) => {
    const turn = (last.get(key) ?? Promise.resolve()).then(task, task);
    const settled = turn.catch(() => {});
    last.set(key, settled);
    void settled.then(() => {
      if (last.get(key) === settled) last.delete(key);
    });
    return turn;
  };
};

/** The smallest of some amounts; Math.min knows no bigints. */
export const least = (...amounts: readonly bigint[]): bigint =>
  amounts.reduce((lowest, amount) => {
    if (amount < lowest) return amount;
    return lowest;
  });

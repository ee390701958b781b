const CODE_MAX_CHARS = 48;

/**
 * What a relay gives as its reason, as a code that an event can hold: `error 1003` is `error_1003`. An order
 * of which nobody can write down what came of it would be taken for one whose sender died.
 */
export const reasonCode = (reason: string): string => {
  const words = reason
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[^a-z]+/, '')
    .slice(0, CODE_MAX_CHARS);
  return words === '' ? 'unnamed' : words;
};

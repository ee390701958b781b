/** The colours of reports, so dark that they can be told apart in print. */
export const COLOURS = {
  ink: '#1f2933',
  faint: '#616e7c',
  line: '#cbd2d9',
  band: '#f5f7fa',
  first: '#1d5f8a',
  second: '#d97706',
} as const;

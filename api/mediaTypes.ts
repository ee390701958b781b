const RANGES_MAX = 20;

/** How much a form is wanted, from 0 to 1, and how exactly it was named. Source: RFC 9110, section 12.5.1. */
const wantOf = (ranges: readonly string[], media: string): readonly [number, number] => {
  const group = `${media.split('/')[0]}/*`;
  let found: readonly [number, number] = [0, -1];
  for (const range of ranges) {
    const [name = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const exactness = [name === '*/*', name === group, name === media].lastIndexOf(true);
    if (exactness <= found[1]) continue;
    const told = parameters.find((parameter) => parameter.startsWith('q='));
    const weight = told === undefined ? 1 : Number(told.slice(2));
    found = [weight >= 0 && weight <= 1 ? weight : 0, exactness];
  }
  return found;
};

/**
 * The form that an `Accept` header wants most, of some with their media types; the first one where it wants
 * several equally or, as nobody is sent away for it, none of them.
 */
export const acceptedOf =
  <Format extends string>(first: Format, media: Readonly<Record<Format, string>>) =>
  (formats: readonly Format[], accept: string | undefined): Format => {
    const ranges = (accept ?? '').split(',', RANGES_MAX);
    let best = { format: first, weight: wantOf(ranges, media[first])[0] };
    for (const format of formats) {
      const [weight] = wantOf(ranges, media[format]);
      if (weight > best.weight) best = { format, weight };
    }
    return best.format;
  };

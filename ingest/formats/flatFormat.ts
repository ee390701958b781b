import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import { deviceTime } from './deviceTime.ts';
import { begin, finish, flag, identOf, placeAt, type Take, takeAll } from './draft.ts';
import { type Format, jsonFormat } from './format.ts';
import type { Context, Reading, Reject } from './reading.ts';
import type { Fields } from './values.ts';

/** Where a flat object of JSON has its time and its place, and what its other fields mean. */
interface Flat {
  readonly name: string;
  readonly time: string;
  readonly lat: string;
  readonly lon: string;
  readonly table: ReadonlyMap<string, Take>;
}

const readOne =
  ({ time, lat, lon, table }: Flat) =>
  (element: Fields, context: Context): Either<Reject, Reading> => {
    const ident = identOf(element['ident'], 'ident', context);
    if (isLeft(ident)) return ident;
    const at = deviceTime(element[time], time);
    if (isLeft(at)) return at;
    const draft = begin(ident.right, at.right.at_us);
    if (!at.right.zoned) flag(draft, 'zone_assumed');
    takeAll(draft, element, table);
    const placed = placeAt(draft, { lat: element[lat], lon: element[lon] }, 'position');
    return isLeft(placed) ? placed : right(finish(draft, context));
  };

/** A format of flat objects: an ident, a time by which it is recognised, a place, fields by their names. */
export const flatFormat = (flat: Flat): Format =>
  jsonFormat({
    name: flat.name,
    recognises: (element) => element[flat.time] !== undefined,
    readOne: readOne(flat),
  });

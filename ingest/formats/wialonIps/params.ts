import { boolean, type Draft, flag, number, other, type Take } from '#ingest/formats/draft.ts';
import { dtcs } from '#ingest/formats/dtcs.ts';
import { numberOf } from '#ingest/formats/values.ts';

/**
 * Parameters that have a column. The protocol fixes hardly any names, so only those are taken whose meaning
 * is certain: the ignition of the protocol's own example, and our columns under their own names, which carry
 * their unit. A parameter `mileage` or `pwr_ext` may be in any unit and stays in `rest`, like `SOS`, `text`
 * and the cells of a mast.
 */
const table: ReadonlyMap<string, Take> = new Map<string, Take>([
  ['ign', boolean('ignition')],
  ['ignition', boolean('ignition')],
  ['limit_kmh', number('limit_kmh')],
  ['odometer_m', number('odometer_m')],
  ['engine_rpm', number('engine_rpm')],
  ['fuel_level_pct', number('fuel_level_pct')],
  ['fuel_l', number('fuel_l')],
  ['fuel_rate_lph', number('fuel_rate_lph')],
  ['external_v', number('external_v')],
  ['battery_v', number('battery_v')],
  ['seq', number('seq')],
  ['dtcs', dtcs],
]);

interface Param {
  readonly name: string;
  readonly type: string;
  readonly value: string;
}

const PARAM = /^([^:]+):([123]):(.*)$/s;

/**
 * The parameters of the field, null if it is malformed. A comma parts them, but devices put commas into texts
 * too: a piece that does not look like a parameter goes on with the text before it.
 */
const split = (field: string): readonly Param[] | null => {
  const params: Param[] = [];
  for (const piece of field.split(',')) {
    const [, name, type, value] = PARAM.exec(piece) ?? [];
    if (name !== undefined && type !== undefined && value !== undefined) {
      params.push({ name: name.trim(), type, value });
      continue;
    }
    const last = params.pop();
    if (last?.type !== '3') return null;
    params.push({ ...last, value: `${last.value},${piece}` });
  }
  return params;
};

/** A whole number beyond 2^53 stays in its digits: none of them is lost. */
const numeric = (value: string): number | string | null => {
  const told = numberOf(value);
  if (told === null) return null;
  return Number.isInteger(told) && !Number.isSafeInteger(told) ? value : told;
};

/**
 * Takes the field of parameters, `NAME:TYPE:VALUE` with commas between them; types are 1 whole number, 2
 * number, 3 text. False if it cannot be read, which the protocol answers with 15; an empty value is one that
 * is not told. More than 200 parameters, or texts of more than 1,344 characters, are cut by the bounds of
 * `rest`, which are the protocol's.
 */
export const takeParams = (draft: Draft, field: string): boolean => {
  const params = split(field);
  if (params === null) return false;
  const seen = new Set<string>();
  for (const { name, type, value } of params) {
    if (seen.has(name)) {
      flag(draft, 'key_repeated');
      continue;
    }
    seen.add(name);
    const take = table.get(name) ?? other;
    if (type === '3') {
      take(draft, value, name);
      continue;
    }
    if (value === '') continue;
    const told = numeric(value);
    if (told === null) return false;
    take(draft, told, name);
  }
  return true;
};

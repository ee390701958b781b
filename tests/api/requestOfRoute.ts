import { z } from 'zod';
import { digest, uuid8 } from '#tests/support/samples.ts';
import { START, type TestApi } from './apiHarness.ts';

/** Ids by the names that they go by on the wire: `vehicle_id`, `ident`, … */
export type Ids = Readonly<Record<string, string>>;

/** As much of JSON Schema as the description of the interface makes use of. */
interface Schema {
  readonly type?: string | readonly string[] | undefined;
  readonly enum?: readonly unknown[] | undefined;
  readonly const?: unknown;
  readonly format?: string | undefined;
  readonly pattern?: string | undefined;
  readonly minimum?: number | undefined;
  readonly minItems?: number | undefined;
  readonly items?: Schema | undefined;
  readonly anyOf?: readonly Schema[] | undefined;
  readonly oneOf?: readonly Schema[] | undefined;
  readonly properties?: Readonly<Record<string, Schema>> | undefined;
  readonly required?: readonly string[] | undefined;
}
const Schema: z.ZodType<Schema> = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  format: z.string().optional(),
  pattern: z.string().optional(),
  minimum: z.number().optional(),
  minItems: z.number().optional(),
  get items() {
    return Schema.optional();
  },
  get anyOf() {
    return z.array(Schema).optional();
  },
  get oneOf() {
    return z.array(Schema).optional();
  },
  get properties() {
    return z.record(z.string(), Schema).optional();
  },
  required: z.array(z.string()).optional(),
});

const Operation = z.looseObject({
  parameters: z
    .array(
      z.looseObject({
        name: z.string(),
        in: z.string(),
        required: z.boolean().optional(),
        schema: Schema,
      }),
    )
    .default([]),
  requestBody: z
    .looseObject({ content: z.record(z.string(), z.looseObject({ schema: Schema })) })
    .optional(),
});
const Document = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), Operation)),
});

/** Texts of which every pattern of the interface has one that fits. A new kind of text needs a new one. */
const TEXTS = [
  'reason',
  'R-1',
  'EUR',
  'Europe/Berlin',
  '100',
  '2026-03-01',
  '2026-03',
  START,
  '2026-03-01T06:00:00.000Z',
  'ann@example.org',
  uuid8(0x7777),
  `${uuid8(0x7777)}~${uuid8(0x7778)}`,
  digest(0x7777),
  `park:${uuid8(0x7777)}`,
  `park-acme.${uuid8(0x7777)}`,
  '1000',
  '2026-03',
  `${uuid8(0x7777)}-202603~${uuid8(0x7778)}`,
  `payout-${uuid8(0x7777)}-202603~${uuid8(0x7778)}`,
];

/** What a text has to be where its schema does not say so. */
const BY_NAME: Readonly<Record<string, string>> = {
  vin: 'VF1ACVYB099999999',
  zone: 'Europe/Berlin',
  names: 'fleet_size',
  period: '2026-03',
  iban: 'DE89 3704 0044 0532 0130 00',
  rate: '0.05',
  operator_fee: '0.2',
  investors_share: '0.7',
  to: '2026-03-01T07:00:00Z',
};

/** A request as the description of the interface has it, filled with ids where they go by a known name. */
export const requestOfRoute = async (api: TestApi) => {
  const document = Document.parse((await api.app.inject('/openapi.json')).json());
  const textFor = ({ format, pattern }: Schema, name: string): string => {
    const fits = new RegExp(pattern ?? '', 'u');
    const known = BY_NAME[name];
    if (known !== undefined && fits.test(known)) return known;
    if (format === 'date-time') return START;
    if (format === 'date') return '2026-03-01';
    const found = TEXTS.find((text) => fits.test(text));
    if (found === undefined) throw new Error(`no text at hand for ${name}: ${pattern}`);
    return found;
  };
  const sample = (given: Schema, ids: Ids, name: string): unknown => {
    const id = Object.keys(ids).find((key) => key === name || name.endsWith(`_${key}`));
    if (id !== undefined && given.type !== 'object' && given.type !== 'array') return ids[id];
    const [alternative] = given.anyOf ?? given.oneOf ?? [];
    if (alternative) return sample(alternative, ids, name);
    if (given.const !== undefined) return given.const;
    if (given.enum) return given.enum[0];
    switch ([given.type].flat()[0]) {
      case 'object': {
        const { properties = {}, required = [] } = given;
        const wanted = Object.entries(properties).filter(
          ([member]) => required.includes(member) || member in ids,
        );
        return Object.fromEntries(
          wanted.map(([member, schema]) => [member, sample(schema, ids, member)]),
        );
      }
      case 'array':
        return Array.from({ length: given.minItems ?? 0 }, () =>
          sample(given.items ?? {}, ids, name),
        );
      case 'integer':
      case 'number':
        return Math.max(1, given.minimum ?? 1);
      case 'boolean':
        return false;
      case 'null':
        return null;
      default:
        return textFor(given, name);
    }
  };
  /** `route` as the policy names it. `more` is what the schemas cannot say, laid over body and query. */
  return (route: string, ids: Ids, more: { body?: object; query?: Ids } = {}) => {
    const [method = '', path = ''] = route.split(' ');
    const operation = document.paths[path.replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()];
    if (!operation) throw new Error(`${route} is not described`);
    const given = (place: string) =>
      operation.parameters
        .filter((one) => one.in === place && (one.required || one.name in ids))
        .map(({ name, schema }) => [name, String(sample(schema, ids, name))] as const);
    let url = path;
    for (const [name, value] of given('path')) {
      url = url.replace(`:${name}`, encodeURIComponent(value));
    }
    const query = new URLSearchParams({ ...Object.fromEntries(given('query')), ...more.query });
    const content = operation.requestBody?.content['application/json'];
    const body = z
      .record(z.string(), z.unknown())
      .safeParse(content && sample(content.schema, ids, '')).data;
    return {
      method,
      url: query.size > 0 ? `${url}?${query}` : url,
      payload: body && { ...body, ...more.body },
    };
  };
};

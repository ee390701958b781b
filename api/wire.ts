import { z } from 'zod';
import { snakeCase } from '#domain/kernel/snakeCase.ts';

/** Names that stand for an id where their value is a text: `vehicle` goes by `vehicle_id`. */
const ids = new Set([
  'vehicle',
  'driver',
  'park',
  'owner',
  'rental',
  'trip',
  'fine',
  'incident',
  'condition',
  'repair',
  'fitting',
  'document',
  'lockout',
  'event',
  'user',
  'entry',
  'run',
  'book',
  'party',
  'holding',
  'payee',
  'exception',
]);

/** How rows of some schema look on the wire: their schema there, and how to bring one into that form. */
export interface Wire {
  readonly schema: z.ZodType;
  readonly write: (value: unknown) => unknown;
}

const unwrapped = (schema: unknown): unknown =>
  schema instanceof z.ZodNullable ? unwrapped(schema.unwrap()) : schema;

const nameOf = (name: string, schema: unknown): string => {
  if (ids.has(name) && unwrapped(schema) instanceof z.ZodString) return `${name}_id`;
  return snakeCase(name);
};

const objectWire = (schema: z.ZodObject): Wire => {
  const members = Object.entries(schema.shape).map(([name, member]) => ({
    name,
    onWire: nameOf(name, member),
    wire: wireOf(member),
  }));
  return {
    schema: z.strictObject(
      Object.fromEntries(members.map(({ onWire, wire }) => [onWire, wire.schema])),
    ),
    write: (value) => {
      if (typeof value !== 'object' || value === null) return value;
      const written: Record<string, unknown> = {};
      for (const { name, onWire, wire } of members) {
        written[onWire] = wire.write(Reflect.get(value, name));
      }
      return written;
    },
  };
};

/** A value of several forms is written as the one that it has. */
const unionWire = ({ options }: z.ZodUnion): Wire => {
  const forms = options.map((option) => ({ form: z.object({ value: option }), ...wireOf(option) }));
  return {
    schema: z.union(forms.map(({ schema }) => schema)),
    write: (value) => {
      const own = forms.find(({ form }) => form.safeParse({ value }).success);
      return own ? own.write(value) : value;
    },
  };
};

/**
 * The form on the wire of whatever a schema describes: names in snake case, ids named as such, values as
 * they are. It follows from the schema alone, so that a row with a new field has it on the wire too.
 */
export const wireOf = (schema: unknown): Wire => {
  if (schema instanceof z.ZodObject) return objectWire(schema);
  if (schema instanceof z.ZodArray) {
    const item = wireOf(schema.element);
    return {
      schema: z.array(item.schema),
      write: (value) => (Array.isArray(value) ? value.map(item.write) : value),
    };
  }
  if (schema instanceof z.ZodNullable) {
    const inner = wireOf(schema.unwrap());
    return {
      schema: inner.schema.nullable(),
      write: (value) => (value === null ? null : inner.write(value)),
    };
  }
  if (schema instanceof z.ZodUnion) return unionWire(schema);
  if (schema instanceof z.ZodType) return { schema, write: (value) => value };
  throw new Error('a schema that is none');
};

/** The schema of an object on the wire with further members. */
export const extended = (schema: z.ZodType, members: z.ZodRawShape): z.ZodType => {
  if (!(schema instanceof z.ZodObject)) throw new Error('only an object can be extended');
  return z.strictObject({ ...schema.shape, ...members });
};

import { z } from 'zod';

/** An element that is there once, as `readXml` gives it. */
export const once = <Element extends z.ZodType>(element: Element) =>
  z.tuple([element]).transform(([only]) => only);

/** An element that is there once or not at all; null if not. */
export const maybe = <Element extends z.ZodType>(element: Element) =>
  once(element)
    .optional()
    .transform((found) => found ?? null);

/** Elements of one name, in order; none is an empty list. */
export const many = <Element extends z.ZodType>(element: Element) => z.array(element).default([]);

/** The text in an element, as a schema wants it. */
export const textIn = <Text extends z.ZodType<unknown, string>>(text: Text) =>
  z
    .object({ '#text': z.string() })
    .transform(({ '#text': found }) => found)
    .pipe(text);

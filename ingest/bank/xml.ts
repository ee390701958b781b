import { XMLParser, XMLValidator } from 'fast-xml-parser';

/** A month of a busy account is a tenth of it. */
const TEXT_CHARS_MAX = 16 * 1024 * 1024;

/** What a text of XML holds, or why it is not read. */
export type XmlRead =
  | { readonly kind: 'read'; readonly tree: unknown }
  | { readonly kind: 'too_large'; readonly chars_max: number }
  | { readonly kind: 'malformed' };

/**
 * Reads XML that somebody else wrote. Elements lose their prefixes and are lists, attributes begin with `@`,
 * text is under `#text`, and nothing is taken for a number. A file that declares entities is malformed.
 */
export const readXml = (text: string): XmlRead => {
  if (text.length > TEXT_CHARS_MAX) return { kind: 'too_large', chars_max: TEXT_CHARS_MAX };
  if (/<!(?:DOCTYPE|ENTITY)/i.test(text) || XMLValidator.validate(text) !== true) {
    return { kind: 'malformed' };
  }
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    removeNSPrefix: true,
    parseTagValue: false,
    alwaysCreateTextNode: true,
    isArray: (_name, _path, _isLeaf, isAttribute) => !isAttribute,
  });
  try {
    return { kind: 'read', tree: parser.parse(text) };
  } catch {
    // It throws for what nests too deeply, and for names that would reach into objects.
    return { kind: 'malformed' };
  }
};

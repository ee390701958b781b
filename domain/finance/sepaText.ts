/** Letters that are no letter of the alphabet with a mark, and what is written instead; our own choice. */
const LETTERS: Readonly<Record<string, string>> = {
  ...{ ß: 'ss', ẞ: 'SS', æ: 'ae', Æ: 'AE', œ: 'oe', Œ: 'OE', ø: 'o', Ø: 'O', ł: 'l', Ł: 'L' },
  ...{ đ: 'd', Đ: 'D', ð: 'd', Ð: 'D', þ: 'th', Þ: 'Th', ı: 'i', ħ: 'h', Ħ: 'H', ŧ: 't', Ŧ: 'T' },
  ...{ ŋ: 'n', Ŋ: 'N' },
};
const SIGNS: Readonly<Record<string, string>> = {
  ...{ '&': '+', _: '-', '–': '-', '—': '-', '‐': '-', '’': "'", '‘': "'", '"': "'", '`': "'" },
};

const PLAIN = /^[A-Za-z0-9/?:().,'+ -]$/;

const written = (character: string): string | null => {
  if (PLAIN.test(character)) return character;
  if (/\s/.test(character)) return ' ';
  const instead = LETTERS[character] ?? SIGNS[character];
  if (instead !== undefined) return instead;
  return /[\p{P}\p{S}]/u.test(character) ? '.' : null;
};

/**
 * A text in the characters that every bank of SEPA takes: letters lose their marks, other signs become a
 * full stop. Null where a letter has no counterpart, as in Greek or Arabic: a name with holes would pay
 * nobody, and banks compare names with accounts. Slashes neither begin nor end it, nor stand together.
 * Source: EPC217-08 for the characters.
 */
export const sepaText = (text: string): string | null => {
  const parts = [...text.normalize('NFKD').replaceAll(/\p{M}/gu, '')].map(written);
  if (parts.includes(null)) return null;
  return parts
    .join('')
    .replaceAll(/\/{2,}/g, '/')
    .replaceAll(/ {2,}/g, ' ')
    .replaceAll(/^[/ ]+|[/ ]+$/g, '');
};

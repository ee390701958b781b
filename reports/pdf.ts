import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import pdfmake from 'pdfmake';
import type { Content } from 'pdfmake/interfaces.js';
import { epochMs, type Instant } from '#domain/kernel/instant.ts';
import { COLOURS } from './colours.ts';
import { shownInstant } from './shown.ts';

const FONTS = join(
  dirname(createRequire(import.meta.url).resolve('pdfmake/package.json')),
  'fonts/Roboto',
);

pdfmake.setFonts({
  Roboto: {
    normal: join(FONTS, 'Roboto-Regular.ttf'),
    bold: join(FONTS, 'Roboto-Medium.ttf'),
    italics: join(FONTS, 'Roboto-Italic.ttf'),
    bolditalics: join(FONTS, 'Roboto-MediumItalic.ttf'),
  },
});
// A report is made of its data and the fonts, and of nothing that it could be told to fetch.
pdfmake.setUrlAccessPolicy(() => false);
pdfmake.setLocalAccessPolicy((path) => path.startsWith(FONTS));

/** What a document is called, when it was made, what stands at the foot of its pages, and what is in it. */
export interface Document {
  readonly title: string;
  readonly createdAt: Instant;
  readonly foot: string;
  readonly content: Content[];
}

/** The bytes of a document. The same document has the same bytes, whenever and wherever it is made. */
export const pdf = async ({ title, createdAt, foot, content }: Document): Promise<Buffer> => {
  const moment = new Date(epochMs(createdAt));
  const footer = (page: number, pages: number): Content => ({
    columns: [
      { text: `${foot} · made ${shownInstant(createdAt)}`, width: '*' },
      { text: `${page} / ${pages}`, width: 'auto' },
    ],
    margin: [40, 12, 40, 0],
    fontSize: 7,
    color: COLOURS.faint,
  });
  return pdfmake
    .createPdf({
      pageSize: 'A4',
      pageMargins: [40, 40, 40, 46],
      language: 'en',
      displayTitle: true,
      info: { title, creationDate: moment, modDate: moment, creator: 'ledger', producer: 'ledger' },
      defaultStyle: { font: 'Roboto', fontSize: 9, color: COLOURS.ink, lineHeight: 1.15 },
      footer,
      content,
    })
    .getBuffer();
};

import type { Content, CustomTableLayout, TableCell } from 'pdfmake/interfaces.js';
import { COLOURS } from './colours.ts';

/** The head of a document. */
export const heading = (title: string, subtitle: string): Content => ({
  stack: [
    { text: title, fontSize: 20, bold: true },
    { text: subtitle, fontSize: 11, color: COLOURS.faint },
  ],
  margin: [0, 0, 0, 16],
});

/** The head of a part. */
export const section = (title: string): Content => ({
  text: title,
  fontSize: 12,
  bold: true,
  margin: [0, 14, 0, 6],
  headlineLevel: 1,
});

/** Figures with what they are, side by side. */
export const figures = (
  all: readonly { readonly name: string; readonly value: string }[],
): Content => ({
  layout: {
    hLineWidth: () => 0,
    vLineWidth: (place) => (place === 0 || place === all.length ? 0 : 4),
    vLineColor: () => '#ffffff',
    paddingLeft: () => 8,
    paddingRight: () => 8,
    paddingTop: () => 6,
    paddingBottom: () => 4,
    fillColor: () => COLOURS.band,
  },
  table: {
    widths: all.map(() => '*'),
    body: [
      all.map(({ name, value }) => ({
        stack: [
          { text: name, fontSize: 7.5, color: COLOURS.faint },
          { text: value, fontSize: 12, bold: true },
        ],
      })),
    ],
  },
  margin: [0, 0, 0, 6],
});

const ruled: CustomTableLayout = {
  hLineWidth: (place, { table }) => (place === 1 || place === table.body.length ? 0.8 : 0.3),
  hLineColor: (place, { table }) =>
    place === 1 || place === table.body.length ? COLOURS.ink : COLOURS.line,
  vLineWidth: () => 0,
  paddingLeft: (place) => (place === 0 ? 0 : 5),
  paddingRight: () => 5,
  paddingTop: () => 2.5,
  paddingBottom: () => 1.5,
};

/** A column of a table: numbers stand on the right. */
export interface Column {
  readonly name: string;
  readonly width: '*' | 'auto' | number;
  readonly side: 'left' | 'right';
}

const cellIn =
  (columns: readonly Column[], look: { readonly bold?: boolean; readonly color?: string }) =>
  (text: string, place: number): TableCell => ({
    text,
    alignment: columns[place]?.side ?? 'left',
    ...look,
  });

/** A table whose head stands on every page; the last row, if there is one, is what all come to. */
export const table = (
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  total: readonly string[] | null,
): Content => ({
  layout: ruled,
  fontSize: 8,
  table: {
    headerRows: 1,
    dontBreakRows: true,
    widths: columns.map(({ width }) => width),
    body: [
      columns.map(({ name }) => name).map(cellIn(columns, { color: COLOURS.faint })),
      ...rows.map((row) => row.map(cellIn(columns, {}))),
      ...(total === null ? [] : [total.map(cellIn(columns, { bold: true }))]),
    ],
  },
});

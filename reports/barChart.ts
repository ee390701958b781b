import { COLOURS } from './colours.ts';

const TICKS_MAX = 5;
const LEFT = 52;
const TOP = 18;
const BOTTOM = 18;
const FONT_SIZE = 8;

/** Bars side by side: a group for every label, and in it one for every series. */
export interface BarChart {
  readonly width: number;
  readonly height: number;
  readonly labels: readonly string[];
  readonly series: readonly {
    readonly name: string;
    readonly colour: string;
    readonly values: readonly number[];
  }[];
  /** How a value of the scale is written. */
  readonly shown: (value: number) => string;
}

/** The next of 1, 2 and 5 with zeros behind, so that no more ticks are wanted than there is room for. */
const stepOf = (span: number): number => {
  const power = 10 ** Math.floor(Math.log10(span / TICKS_MAX));
  return power * ([1, 2, 5].find((each) => each * power * TICKS_MAX >= span) ?? 10);
};

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

const text = (x: number, y: number, anchor: 'start' | 'middle' | 'end', content: string): string =>
  `<text x="${x.toFixed(2)}" y="${y.toFixed(2)}" font-family="Roboto" font-size="${FONT_SIZE}" ` +
  `fill="${COLOURS.faint}" text-anchor="${anchor}">${escaped(content)}</text>`;

/**
 * The picture of some values as SVG. They are drawn from zero, which the scale always has; its steps are
 * whole numbers.
 */
export const barChart = ({ width, height, labels, series, shown }: BarChart): string => {
  const all = series.flatMap(({ values }) => values);
  const low = Math.min(0, ...all);
  const high = Math.max(0, ...all);
  const step = Math.max(1, stepOf(high === low ? 1 : high - low));
  const floor = Math.floor(low / step) * step;
  const ceiling = Math.max(Math.ceil(high / step) * step, floor + step);
  const yOf = (value: number): number =>
    TOP + ((ceiling - value) / (ceiling - floor)) * (height - TOP - BOTTOM);
  const ticks = Array.from({ length: Math.round((ceiling - floor) / step) + 1 }, (_, n) => {
    const value = floor + n * step;
    const y = yOf(value);
    const line = `<line x1="${LEFT}" y1="${y.toFixed(2)}" x2="${width}" y2="${y.toFixed(2)}" stroke="${COLOURS.line}" stroke-width="${value === 0 ? 1 : 0.5}"/>`;
    return line + text(LEFT - 6, y + FONT_SIZE / 3, 'end', shown(value));
  });
  const group = (width - LEFT) / Math.max(labels.length, 1);
  const bar = (group * 0.7) / Math.max(series.length, 1);
  const bars = series.flatMap(({ colour, values }, place) =>
    values.map((value, n) => {
      const x = LEFT + n * group + group * 0.15 + place * bar;
      const [top, bottom] = value > 0 ? [yOf(value), yOf(0)] : [yOf(0), yOf(value)];
      return `<rect x="${x.toFixed(2)}" y="${top.toFixed(2)}" width="${bar.toFixed(2)}" height="${(bottom - top).toFixed(2)}" fill="${colour}"/>`;
    }),
  );
  const names = labels.map((label, n) =>
    text(LEFT + (n + 0.5) * group, height - BOTTOM + FONT_SIZE + 4, 'middle', label),
  );
  const legend = series.map(({ name, colour }, n) => {
    const x = LEFT + n * 90;
    return `<rect x="${x}" y="2" width="8" height="8" fill="${colour}"/>${text(x + 12, 9, 'start', name)}`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">${[...ticks, ...bars, ...names, ...legend].join('')}</svg>`;
};

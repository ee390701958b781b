import { describe, expect, it } from 'vitest';
import { fleetDocument, fleetReport } from '#reports/fleetReport.ts';
import { investorStatement, statementDocument } from '#reports/investorStatement.ts';
import { parkFinanceDocument } from '#reports/parkFinance.ts';
import type { Document } from '#reports/pdf.ts';
import { aFleetReport, aParkFinance, aStatement } from '#tests/support/reports.ts';
import { day, instant, money } from '#tests/support/samples.ts';

/** Every text of a document, in its order. */
const textsIn = (part: unknown): string[] => {
  if (Array.isArray(part)) return part.flatMap(textsIn);
  if (typeof part === 'string') return [part];
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).flatMap(([name, value]) =>
    /^(?:text|stack|table|body|columns|content)$/.test(name) ? textsIn(value) : [],
  );
};
const textOf = (document: Document): string => textsIn(document.content).join('|');

const pagesOf = (bytes: Buffer): number =>
  Number(/\/Type \/Pages\s*\/Count (\d+)/.exec(bytes.toString('latin1'))?.[1]);

describe('the fleet report', () => {
  it('says what every vehicle did, what belongs to none, and what all come to', () => {
    const text = textOf(fleetDocument(aFleetReport(3)));
    expect(text).toContain('Berlin Süd (B-1), 14 March 2026');
    expect(text).toContain('|Revenue, net of tax|37.02 EUR|Costs|311.76 EUR|Net|−274.74 EUR|');
    expect(text).toContain('|Vehicles|3|Rented out|2|Distance, km|23.8|');
    expect(text).toContain('|Receivable from drivers|1,234.56 EUR|Deposits held|5,000.00 EUR|');
    expect(text).toContain(
      '|Renault Kangoo E-Tech · a00001|in repair|1|7.9|10 %|0|12.34|210.00|−197.66|',
    );
    expect(text).toContain('|Other||||||0.00|95.40|−95.40|');
    expect(text.endsWith('|All||3|23.8||0|37.02|311.76|−274.74')).toBe(true);
  });

  it('has no row for what is not there', () => {
    const report = aFleetReport(1);
    const whole = { ...report, costs: money('318') };
    expect(textOf(fleetDocument(whole))).not.toContain('|Other|');
    const empty = textOf(fleetDocument(aFleetReport(0)));
    expect(empty.endsWith('|All||0|0.0||0|0.00|95.40|−95.40')).toBe(true);
  });

  it('is a PDF of as many pages as it takes, the same bytes every time', async () => {
    const bytes = await fleetReport(aFleetReport(80));
    expect(bytes.subarray(0, 5).toString()).toBe('%PDF-');
    expect(pagesOf(bytes)).toBe(3);
    expect(bytes.equals(await fleetReport(aFleetReport(80)))).toBe(true);
    const later = { ...aFleetReport(80), createdAt: instant('2026-03-15T05:00:01.000Z') };
    expect(bytes.equals(await fleetReport(later))).toBe(false);
    expect(bytes.toString('latin1')).toContain('(D:20260315050000Z)');
  });
});

describe('the statement of an investor', () => {
  it('shows how each amount came about, and carries what is owed', () => {
    const text = textOf(statementDocument(aStatement()));
    expect(text).toContain('Zoë Example-Çağlar|Musterstraße 1|10115 Berlin|');
    expect(text).toContain(
      '|Owed before|120.00 EUR|Earned this month|252.48 EUR|Paid out|120.00 EUR|Owed now|252.48 EUR|',
    );
    expect(text).toContain(
      '|Renault Twizy · 00a001|1,234.56|−335.40|−61.73|0.00|−332.47|504.96|0.00|',
    );
    expect(text).toContain(
      '|Renault Twizy · 00a001|500 of 1,000|15,500|31,000|504.96|252.48|owed|',
    );
    expect(text).toContain('|All||||504.96|252.48|');
    expect(text).toContain('|Renault Twizy · 00a001|0.00|61.73|0.00|0.00|0.00|0.01|');
    expect(text).toContain(
      '|4 March 2026|00000000000080008000000000000001|paid by the bank|120.00|',
    );
    const [proof] = aStatement().parts.flatMap(({ runs }) => runs);
    expect(text).toContain(`Root of its lines  ${proof?.root}`);
    expect(text).toContain(`Hash of its inputs  ${proof?.inputs}`);
  });

  it('says since when a line is paid, and when nothing was paid in the month', () => {
    const [part] = aStatement().parts;
    if (!part) throw new Error('a statement without a part');
    const payment = { state: 'paid', on: day('2026-04-07'), reference: 'r' } as const;
    const lines = part.lines.map((line) => ({ ...line, payment }));
    const parts = [{ ...part, lines, payments: [] }];
    const text = textOf(statementDocument({ ...aStatement(), parts }));
    expect(text).toContain('|252.48|paid 2026-04-07|');
    expect(text).toContain('|None.|');
  });

  it('is one page for a few assets, the same bytes every time', async () => {
    const bytes = await investorStatement(aStatement());
    expect(pagesOf(bytes)).toBe(1);
    expect(bytes.equals(await investorStatement(aStatement()))).toBe(true);
  });
});

describe('the finance report of a park', () => {
  const { report, car } = aParkFinance();

  it('says what was earned and spent, by account and by vehicle', () => {
    const text = textOf(parkFinanceDocument(report));
    expect(text).toContain('Berlin Süd (B-1), 1 January 2026 to 30 June 2026|');
    expect(text).toContain('|Revenue, net of tax|7,407.36 EUR|Costs|305.40 EUR|Net|7,101.96 EUR|');
    expect(text).toContain('|5000 repairs|210.00|5020 insurance|95.40|All|305.40|');
    expect(text).toContain(`|Renault Twizy · ${car.slice(-6)}|7,407.36|210.00|7,197.36|`);
    expect(text).toContain('|Of no vehicle|0.00|95.40|−95.40|');
    expect(text.endsWith('|All|7,407.36|305.40|7,101.96')).toBe(true);
  });

  it('draws a bar a month for half a year, and a bar a day for a month', () => {
    const svgOf = (shown: typeof report): string =>
      JSON.stringify(
        parkFinanceDocument(shown).content.find((part) => JSON.stringify(part).includes('<svg')),
      );
    const bars = (svg: string): number => svg.split('<rect').length - 1;
    // Two bars a month, and the two of the legend.
    expect(bars(svgOf(report))).toBe(2 * 6 + 2);
    const june = { ...report, from: day('2026-06-01') };
    expect(bars(svgOf(june))).toBe(2 * 30 + 2);
  });
});

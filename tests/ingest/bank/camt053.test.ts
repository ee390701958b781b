import { left } from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { camt053 } from '#ingest/bank/camt053.ts';
import { rightOf } from '#tests/support/ledger.ts';
import { money } from '#tests/support/samples.ts';

const amount = (text: string, currency = 'EUR') => `<Amt Ccy="${currency}">${text}</Amt>`;
const balance = (code: string, text: string, sign = 'CRDT') =>
  `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp>${amount(text)}` +
  `<CdtDbtInd>${sign}</CdtDbtInd><Dt><Dt>2026-04-03</Dt></Dt></Bal>`;
const entry = (text: string, sign: string, more = '', status = 'BOOK') =>
  `<Ntry>${amount(text)}<CdtDbtInd>${sign}</CdtDbtInd><Sts><Cd>${status}</Cd></Sts>` +
  `<BookgDt><Dt>2026-04-03</Dt></BookgDt>${more}</Ntry>`;

const payout =
  '<ValDt><DtTm>2026-04-04T00:00:00+02:00</DtTm></ValDt><AcctSvcrRef>B-1</AcctSvcrRef>' +
  '<NtryDtls><Btch><NbOfTxs>2</NbOfTxs></Btch>' +
  `<TxDtls><Refs><EndToEndId>E1</EndToEndId></Refs>${amount('252.48')}</TxDtls>` +
  `<TxDtls><Refs><EndToEndId>E2</EndToEndId></Refs>${amount('151.48')}</TxDtls></NtryDtls>`;
const comeBack =
  '<AcctSvcrRef>B-2</AcctSvcrRef><NtryDtls><TxDtls><Refs><EndToEndId>E2</EndToEndId></Refs>' +
  '<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf></TxDtls></NtryDtls>';

const good = [
  balance('OPBD', '400.00'),
  balance('CLBD', '147.52'),
  entry('403.96', 'DBIT', payout),
  entry('151.48', 'CRDT', comeBack.replace('<Acct', '<RvslInd>true</RvslInd><Acct')),
];

const file = (parts: readonly string[], head = 'urn:iso:std:iso:20022:tech:xsd:camt.053.001.08') =>
  `<?xml version="1.0"?><Document xmlns="${head}"><BkToCstmrStmt><GrpHdr><MsgId>M</MsgId></GrpHdr>` +
  `<Stmt><Id>S-1</Id><Acct><Id><IBAN>DE89370400440532013000</IBAN></Id></Acct>${parts.join('')}</Stmt>` +
  '</BkToCstmrStmt></Document>';

describe('a statement of a bank', () => {
  it('is read with its balances, entries and what is in them', () => {
    expect(rightOf(camt053(file(good)))).toEqual([
      {
        statementId: 'S-1',
        iban: 'DE89370400440532013000',
        opening: money('40000'),
        closing: money('14752'),
        entries: [
          {
            ...{ amount: money('40396'), direction: 'debit', reversal: false },
            ...{ bookedOn: '2026-04-03', valueOn: '2026-04-04', servicerRef: 'B-1' },
            details: [
              { endToEndId: 'E1', amount: money('25248'), returnReason: null },
              { endToEndId: 'E2', amount: money('15148'), returnReason: null },
            ],
          },
          {
            ...{ amount: money('15148'), direction: 'credit', reversal: true },
            ...{ bookedOn: '2026-04-03', valueOn: null, servicerRef: 'B-2' },
            details: [{ endToEndId: 'E2', amount: null, returnReason: 'AC04' }],
          },
        ],
      },
    ]);
  });

  it('may be overdrawn, have prefixes, announce entries and call its opening otherwise', () => {
    const overdrawn = [
      balance('PRCD', '1.00'),
      balance('CLAV', '9.00'),
      balance('CLBD', '1.50', 'DBIT'),
      entry('2.50', 'DBIT'),
      entry('9.99', 'CRDT', '', 'PDNG'),
    ];
    const prefixed = file(overdrawn)
      .replaceAll('<', '<c:')
      .replaceAll('<c:/', '</c:')
      .replace('<c:?', '<?')
      .replace('xmlns=', 'xmlns:c=');
    for (const text of [file(overdrawn), prefixed]) {
      const [statement] = rightOf(camt053(text));
      expect(statement?.closing).toEqual(money('-150'));
      expect(statement?.entries.map(({ amount: { amount: cents } }) => cents)).toEqual(['250']);
    }
  });

  const laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>';
  const [opening = '', closing = '', paid = '', back = ''] = good;
  it.each([
    ['no XML', '{}', { code: 'StatementMalformed', at: '' }],
    ['nothing', '', { code: 'StatementMalformed', at: '' }],
    ['cut off', file(good).slice(0, -5), { code: 'StatementMalformed', at: '' }],
    [
      'with entities of its own',
      file(good).replace('<Document', `${laughs}<Document`),
      { code: 'StatementMalformed', at: '' },
    ],
    [
      'deeper than any',
      `<Document>${'<a>'.repeat(500)}${'</a>'.repeat(500)}</Document>`,
      { code: 'StatementMalformed', at: '' },
    ],
    ['of another kind', file(good, 'urn:x:camt.052.001.08'), { code: 'StatementFormatUnknown' }],
    ['too large', ' '.repeat(16 * 1024 * 1024 + 1), { code: 'StatementTooLarge' }],
    [
      'a cent short',
      file([opening, balance('CLBD', '147.51'), paid, back]),
      { code: 'StatementUnbalanced', statement: 'S-1' },
    ],
    [
      'without one of its entries',
      file([opening, closing, paid]),
      { code: 'StatementUnbalanced', statement: 'S-1' },
    ],
    ['without an opening', file([closing, paid]), { code: 'StatementMalformed', at: 'Stmt.Bal' }],
    [
      'with two closings',
      file([opening, closing, closing, paid, back]),
      { code: 'StatementMalformed', at: 'Stmt.Bal' },
    ],
    [
      'in two currencies',
      file([opening, closing, paid.replace('"EUR">403', '"TRY">403'), back]),
      { code: 'CurrencyMixed', statement: 'S-1' },
    ],
    [
      'with a tenth of a cent',
      file([opening, closing, paid.replace('403.96', '403.961'), back]),
      { code: 'StatementMalformed', at: 'Document.BkToCstmrStmt.Stmt.Ntry.Amt' },
    ],
    [
      'with an amount below zero',
      file([opening, closing, paid.replace('403.96', '-403.96'), back]),
      { code: 'StatementMalformed', at: 'Document.BkToCstmrStmt.Stmt.Ntry.Amt' },
    ],
    [
      'of an account that cannot be',
      file(good).replace('DE89', 'DE88'),
      { code: 'StatementMalformed', at: 'Document.BkToCstmrStmt.Stmt.Acct.Id.IBAN' },
    ],
    [
      'on no day',
      file([opening, closing, paid.replace('2026-04-03', '2026-02-30'), back]),
      { code: 'StatementMalformed', at: 'Document.BkToCstmrStmt.Stmt.Ntry.BookgDt' },
    ],
    [
      'booked at no time',
      file([opening, closing, paid.replace(/<BookgDt>.*<\/BookgDt>/, ''), back]),
      { code: 'StatementMalformed', at: 'Stmt.Ntry.BookgDt' },
    ],
    [
      'that goes neither in nor out',
      file([opening, closing, paid.replace('DBIT', 'BOTH'), back]),
      { code: 'StatementMalformed', at: 'Document.BkToCstmrStmt.Stmt.Ntry.CdtDbtInd' },
    ],
  ])('is refused when it is %s', (_, text, refusal) => {
    expect(camt053(text)).toEqual(left(refusal));
  });
});

import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { isLeft, left } from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import type { CreditTransferBatch } from '#domain/finance/creditTransfers.ts';
import { pain001 } from '#ingest/bank/pain001.ts';
import { transfersCsv } from '#ingest/bank/transfersCsv.ts';
import { aBatch, aTransfer } from '#tests/support/bank.ts';
import { rightOf } from '#tests/support/ledger.ts';
import { money } from '#tests/support/samples.ts';

const two = aBatch([
  aTransfer(1, '25248', { creditor: { ...aTransfer(1, '1').creditor, name: 'Jürgen Groß' } }),
  aTransfer(2, '15148', { remittance: 'Payout 2026-03, "A & B"' }),
]);

const read = (text: string) => {
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    parseTagValue: false,
  });
  return parser.parse(text).Document.CstmrCdtTrfInitn;
};

describe('an order to pay', () => {
  it('says what the fact sheet asks for, in its order', () => {
    const text = rightOf(pain001(two));
    expect(XMLValidator.validate(text)).toBe(true);
    expect(text).toContain('xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"');
    const { GrpHdr, PmtInf } = read(text);
    expect(GrpHdr).toEqual({
      MsgId: 'RUN-2026-03',
      CreDtTm: '2026-04-02T09:30:00.000Z',
      NbOfTxs: '2',
      CtrlSum: '403.96',
      InitgPty: { Nm: 'Fleet Operator' },
    });
    const { CdtTrfTxInf, ...order } = PmtInf;
    expect(order).toEqual({
      PmtInfId: 'RUN-2026-03',
      PmtMtd: 'TRF',
      NbOfTxs: '2',
      CtrlSum: '403.96',
      PmtTpInf: { SvcLvl: { Cd: 'SEPA' } },
      ReqdExctnDt: { Dt: '2026-04-03' },
      Dbtr: { Nm: 'Fleet Operator' },
      DbtrAcct: { Id: { IBAN: 'DE89370400440532013000' } },
      DbtrAgt: { FinInstnId: { BICFI: 'DEUTDEFF' } },
      ChrgBr: 'SLEV',
    });
    expect(Object.keys(order)).toEqual(
      Object.keys({
        ...{ PmtInfId: 0, PmtMtd: 0, NbOfTxs: 0, CtrlSum: 0, PmtTpInf: 0, ReqdExctnDt: 0 },
        ...{ Dbtr: 0, DbtrAcct: 0, DbtrAgt: 0, ChrgBr: 0 },
      }),
    );
    expect(CdtTrfTxInf).toEqual([
      {
        PmtId: { EndToEndId: '00000000000080008000000000000001' },
        Amt: { InstdAmt: { '#text': '252.48', '@Ccy': 'EUR' } },
        Cdtr: { Nm: 'Jurgen Gross' },
        CdtrAcct: { Id: { IBAN: two.transfers[0]?.creditor.iban } },
        RmtInf: { Ustrd: 'Payout 1' },
      },
      expect.objectContaining({ RmtInf: { Ustrd: "Payout 2026-03, 'A + B'" } }),
    ]);
  });

  it('does without the code of the bank', () => {
    const text = rightOf(pain001({ ...two, debtor: { ...two.debtor, bic: null } }));
    const { DbtrAgt } = read(text).PmtInf;
    expect(DbtrAgt).toEqual({ FinInstnId: { Othr: { Id: 'NOTPROVIDED' } } });
  });

  it('is a table as well', () => {
    expect(rightOf(transfersCsv(two)).split('\r\n')).toEqual([
      'execution_date,debtor_iban,end_to_end_id,amount,currency,creditor_name,creditor_iban,remittance',
      `2026-04-03,DE89370400440532013000,00000000000080008000000000000001,252.48,EUR,Jurgen Gross,${two.transfers[0]?.creditor.iban},Payout 1`,
      `2026-04-03,DE89370400440532013000,00000000000080008000000000000002,151.48,EUR,Investor 2,${two.transfers[1]?.creditor.iban},"Payout 2026-03, 'A + B'"`,
      '',
    ]);
  });

  const one = aTransfer(1, '1');
  const named = (name: string) => aTransfer(2, '1', { creditor: { ...one.creditor, name } });
  it.each<readonly [Partial<CreditTransferBatch>, object]>([
    [{ transfers: [] }, { code: 'BatchEmpty' }],
    [
      { transfers: Array.from({ length: 10_001 }, (_, n) => aTransfer(n, '1')) },
      { code: 'BatchTooLarge', transfers_max: 10_000 },
    ],
    [{ messageId: 'x'.repeat(36) }, { code: 'MessageIdMalformed' }],
    [{ messageId: 'a&b' }, { code: 'MessageIdMalformed' }],
    [{ transfers: [one, one] }, { code: 'EndToEndIdRepeated', index: 1 }],
    [
      { transfers: [one, aTransfer(2, '1', { amount: money('1', 'TRY') })] },
      { code: 'CurrencyNotEuro', index: 1 },
    ],
    [{ transfers: [one, aTransfer(2, '0')] }, { code: 'AmountOutOfBounds', index: 1 }],
    [{ transfers: [aTransfer(2, '-1')] }, { code: 'AmountOutOfBounds', index: 0 }],
    [{ transfers: [aTransfer(2, '100000000000')] }, { code: 'AmountOutOfBounds', index: 0 }],
    [
      { transfers: [one, named('Ωmega')] },
      { code: 'TextNotSepa', field: 'creditor.name', index: 1 },
    ],
    [{ transfers: [named(' / ')] }, { code: 'TextNotSepa', field: 'creditor.name', index: 0 }],
    [
      { transfers: [named('x'.repeat(71))] },
      { code: 'TextTooLong', field: 'creditor.name', index: 0 },
    ],
    [
      { transfers: [aTransfer(1, '1', { remittance: 'x'.repeat(141) })] },
      { code: 'TextTooLong', field: 'remittance', index: 0 },
    ],
    [
      { debtor: { ...two.debtor, name: '' } },
      { code: 'TextNotSepa', field: 'debtor.name', index: null },
    ],
  ])('is refused with %j', (change, refusal) => {
    const batch = { ...two, ...change };
    expect(pain001(batch)).toEqual(left(refusal));
    expect(transfersCsv(batch)).toEqual(left(refusal));
  });

  it('may be as large as banks allow', () => {
    const most = aTransfer(1, '99999999999', { remittance: 'x'.repeat(140) });
    expect(isLeft(pain001({ ...two, messageId: 'x'.repeat(35), transfers: [most] }))).toBe(false);
  });
});

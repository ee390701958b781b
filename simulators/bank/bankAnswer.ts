import { XMLParser } from 'fast-xml-parser';
import { z } from 'zod';

/**
 * What a bank that is not there does with an order to pay. `booking`: whether it books every payment by
 * itself, or all in one sum. `returned`: payments that come back, with its reasons. Balances are in cents,
 * those of the account before.
 */
export interface BankTemper {
  readonly statementId: string;
  readonly on: string;
  readonly opening_cents: bigint;
  readonly booking: 'single' | 'batch';
  readonly returned: ReadonlyMap<string, string>;
}

const Payment = z.object({
  PmtId: z.object({ EndToEndId: z.string() }),
  Amt: z.object({ InstdAmt: z.object({ '#text': z.string(), '@Ccy': z.string() }) }),
});
const Order = z.object({
  Document: z.object({
    CstmrCdtTrfInitn: z.object({
      PmtInf: z.object({
        DbtrAcct: z.object({ Id: z.object({ IBAN: z.string() }) }),
        CdtTrfTxInf: z.array(Payment),
      }),
    }),
  }),
});
type Payment = z.infer<typeof Payment>;

const centsOf = ({ Amt }: Payment): bigint => BigInt(Amt.InstdAmt['#text'].replace('.', ''));

const euro = (cents: bigint): string => {
  const digits = String(cents < 0n ? -cents : cents).padStart(3, '0');
  return `<Amt Ccy="EUR">${digits.slice(0, -2)}.${digits.slice(-2)}</Amt>`;
};

const balance = (code: string, cents: bigint, on: string): string =>
  `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp>${euro(cents)}` +
  `<CdtDbtInd>${cents < 0n ? 'DBIT' : 'CRDT'}</CdtDbtInd><Dt><Dt>${on}</Dt></Dt></Bal>`;

const detail = (payment: Payment, reason: string | null): string =>
  `<TxDtls><Refs><EndToEndId>${payment.PmtId.EndToEndId}</EndToEndId></Refs>${euro(centsOf(payment))}` +
  `${reason === null ? '' : `<RtrInf><Rsn><Cd>${reason}</Cd></Rsn></RtrInf>`}</TxDtls>`;

const entry = (
  direction: 'CRDT' | 'DBIT',
  ref: string,
  payments: readonly Payment[],
  { on, reason }: { readonly on: string; readonly reason: string | null },
): string => {
  const cents = payments.reduce((sum, payment) => sum + centsOf(payment), 0n);
  const details = payments.map((payment) => detail(payment, reason)).join('');
  return (
    `<Ntry>${euro(cents)}<CdtDbtInd>${direction}</CdtDbtInd>` +
    `${reason === null ? '' : '<RvslInd>true</RvslInd>'}<Sts><Cd>BOOK</Cd></Sts>` +
    `<BookgDt><Dt>${on}</Dt></BookgDt><ValDt><Dt>${on}</Dt></ValDt>` +
    `<AcctSvcrRef>${ref}</AcctSvcrRef><NtryDtls>${details}</NtryDtls></Ntry>`
  );
};

/**
 * The statement `camt.053.001.08` of a bank that carried out an order `pain.001.001.09`, for the demo and for
 * tests. It reads the order with its own eyes, and knows nothing of what wrote it.
 */
export const bankAnswer = (order: string, temper: BankTemper): string => {
  const { statementId, on, opening_cents, booking, returned } = temper;
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    parseTagValue: false,
    isArray: (name) => name === 'CdtTrfTxInf',
  });
  const { PmtInf } = Order.parse(parser.parse(order)).Document.CstmrCdtTrfInitn;
  const payments = PmtInf.CdtTrfTxInf;
  const groups = booking === 'batch' ? [payments] : payments.map((payment) => [payment]);
  const paid = groups.map((group, n) =>
    entry('DBIT', `${statementId}-D${n}`, group, { on, reason: null }),
  );
  const back = payments.flatMap((payment, n) => {
    const reason = returned.get(payment.PmtId.EndToEndId);
    if (reason === undefined) return [];
    return [
      {
        cents: centsOf(payment),
        text: entry('CRDT', `${statementId}-C${n}`, [payment], { on, reason }),
      },
    ];
  });
  const out_cents = payments.reduce((sum, payment) => sum + centsOf(payment), 0n);
  const closing_cents = back.reduce((sum, { cents }) => sum + cents, opening_cents - out_cents);
  return `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
<GrpHdr><MsgId>${statementId}</MsgId><CreDtTm>${on}T20:00:00Z</CreDtTm></GrpHdr>
<Stmt><Id>${statementId}</Id><CreDtTm>${on}T20:00:00Z</CreDtTm>
<Acct><Id><IBAN>${PmtInf.DbtrAcct.Id.IBAN}</IBAN></Id></Acct>
${balance('OPBD', opening_cents, on)}${balance('CLBD', closing_cents, on)}
${[...paid, ...back.map(({ text }) => text)].join('\n')}
</Stmt></BkToCstmrStmt></Document>
`;
};

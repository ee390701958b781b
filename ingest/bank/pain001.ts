import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import {
  type BatchRefusal,
  type CreditTransfer,
  type CreditTransferBatch,
  controlSum,
  sepaBatch,
} from '#domain/finance/creditTransfers.ts';
import { decimalText } from '#domain/finance/decimal.ts';

const NAMESPACE = 'urn:iso:std:iso:20022:tech:xsd:pain.001.001.09';

const paymentText = ({ endToEndId, amount, creditor, remittance }: CreditTransfer): string => `
      <CdtTrfTxInf>
        <PmtId><EndToEndId>${endToEndId}</EndToEndId></PmtId>
        <Amt><InstdAmt Ccy="${amount.currency}">${decimalText(amount)}</InstdAmt></Amt>
        <Cdtr><Nm>${creditor.name}</Nm></Cdtr>
        <CdtrAcct><Id><IBAN>${creditor.iban}</IBAN></Id></CdtrAcct>
        <RmtInf><Ustrd>${remittance}</Ustrd></RmtInf>
      </CdtTrfTxInf>`;

const documentText = (batch: CreditTransferBatch): string => {
  const { messageId, createdAt, executionDate, debtor, transfers } = batch;
  const totals = `<NbOfTxs>${transfers.length}</NbOfTxs><CtrlSum>${controlSum(batch)}</CtrlSum>`;
  // Without a bank's code something has to stand there.
  const bank =
    debtor.bic === null ? '<Othr><Id>NOTPROVIDED</Id></Othr>' : `<BICFI>${debtor.bic}</BICFI>`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="${NAMESPACE}">
  <CstmrCdtTrfInitn>
    <GrpHdr>
      <MsgId>${messageId}</MsgId>
      <CreDtTm>${createdAt}</CreDtTm>
      ${totals}
      <InitgPty><Nm>${debtor.name}</Nm></InitgPty>
    </GrpHdr>
    <PmtInf>
      <PmtInfId>${messageId}</PmtInfId>
      <PmtMtd>TRF</PmtMtd>
      ${totals}
      <PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl></PmtTpInf>
      <ReqdExctnDt><Dt>${executionDate}</Dt></ReqdExctnDt>
      <Dbtr><Nm>${debtor.name}</Nm></Dbtr>
      <DbtrAcct><Id><IBAN>${debtor.iban}</IBAN></Id></DbtrAcct>
      <DbtrAgt><FinInstnId>${bank}</FinInstnId></DbtrAgt>
      <ChrgBr>SLEV</ChrgBr>${transfers.map(paymentText).join('')}
    </PmtInf>
  </CstmrCdtTrfInitn>
</Document>
`;
};

/**
 * A batch as a file for the bank, `pain.001.001.09` of ISO 20022: one order to pay, of many payments. Nothing
 * in it has to be escaped, for the characters of SEPA hold no markup. Written from general knowledge, without
 * the schema at hand: check a bank's own guide before it is sent there.
 */
export const pain001 = (batch: CreditTransferBatch): Either<BatchRefusal, string> => {
  const checked = sepaBatch(batch);
  return isLeft(checked) ? checked : right(documentText(checked.right));
};

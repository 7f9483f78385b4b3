import type { LedgerDocument } from '#shared/sharing/ledger/document.ts';
import type { PostalAddress } from '#shared/sharing/ledger/issuer.ts';
import { totalOf } from '#shared/sharing/ledger/tax-share.ts';
import { money, percent, printedPage, row, table, text } from './printed-page.ts';

/** An invoice or credit note as a page that prints on one sheet. */
export function invoicePage(document: LedgerDocument): string {
  const { number, kind, issuer, recipient, lines, shares, currency, refersTo, reason } = document;
  const title = `${kind === 'invoice' ? 'Invoice' : 'Credit note'} ${number}`;
  const said = (amount: number) => money(amount, currency);
  const { net, vat, gross } = totalOf(shares);
  const facts = [
    ['Date of issue', document.issuedOn],
    ['Date of supply', [...new Set([document.supplyFrom, document.supplyTo])].join(' – ')],
    ['Reference', document.payable],
    ...(refersTo === undefined ? [] : [['Corrects', `${refersTo.number} of ${refersTo.issuedOn}`]]),
    ...(reason === undefined ? [] : [['Reason', reason]]),
  ];
  const items = lines.map((line) =>
    row([nameOf(line), String(line.quantity), said(line.price), percent(line.rate), said(line.amount)]),
  );
  const taxes = shares.map((share) => row([percent(share.rate), said(share.net), said(share.vat), said(share.gross)]));
  return printedPage(
    title,
    `<address><b>${text(issuer.legalName)}</b><br>${addressOf(issuer.address)}<br>VAT id ${text(issuer.vatId)}</address>
${recipient === undefined ? '' : recipientOf(recipient)}
<h1>${text(title)}</h1>
<dl>${facts.map(([name = '', value = '']) => `<dt>${text(name)}</dt><dd>${text(value)}</dd>`).join('')}</dl>
${table(['Service', 'Quantity', 'Price', 'VAT', 'Amount'], items)}
${table(['VAT', 'Net', 'Tax', 'Gross'], taxes, row(['Total', said(net), said(vat), said(gross)]))}
<p>Prices include tax.${shares.some(({ rate }) => rate === undefined) ? ' Without a rate: no supply, so no value added tax.' : ''}</p>`,
  );
}

function recipientOf({ name, address, vatId }: NonNullable<LedgerDocument['recipient']>): string {
  const id = vatId === undefined ? '' : `<br>VAT id ${text(vatId)}`;
  return `<p><b>${text(name)}</b><br>${addressOf(address)}${id}</p>`;
}

function addressOf({ street, postalCode, city, country }: PostalAddress): string {
  return [street, `${postalCode} ${city}`, country].map(text).join('<br>');
}

function nameOf({ item, costCentre }: LedgerDocument['lines'][number]): string {
  const name = item.replaceAll('-', ' ');
  return costCentre === undefined ? name : `${name}, cost centre ${costCentre}`;
}

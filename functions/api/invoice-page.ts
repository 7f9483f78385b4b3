import type { LedgerDocument } from '#shared/sharing/ledger/document.ts';
import type { PostalAddress } from '#shared/sharing/ledger/issuer.ts';
import { totalOf } from '#shared/sharing/ledger/tax-share.ts';

const style = `body{font:14px/1.5 system-ui,sans-serif;color:#111;background:#fff;max-width:44rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.4rem;margin:2rem 0 .5rem}address{font-style:normal}table{width:100%;border-collapse:collapse;margin:1rem 0}
th,td{text-align:left;padding:.35rem .5rem;border-bottom:1px solid #ccc}th+th,td+td{text-align:right}
tfoot td{font-weight:600}dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}dd{margin:0}
@page{size:A4;margin:15mm}@media print{body{margin:0;max-width:none}tr{break-inside:avoid}}`;

/** What a browser needs to know of it: it runs nothing, and asks nobody. */
export const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
  'x-content-type-options': 'nosniff',
  'cache-control': 'private, no-store',
};

/** An invoice or credit note as a page that prints on one sheet. */
export function invoicePage(document: LedgerDocument): string {
  const { number, kind, issuer, recipient, lines, shares, currency, refersTo, reason } = document;
  const title = `${kind === 'invoice' ? 'Invoice' : 'Credit note'} ${number}`;
  const money = (amount: number) => `${(amount / 100).toFixed(2)} ${currency}`;
  const { net, vat, gross } = totalOf(shares);
  const facts = [
    ['Date of issue', document.issuedOn],
    ['Date of supply', [...new Set([document.supplyFrom, document.supplyTo])].join(' – ')],
    ['Reference', document.payable],
    ...(refersTo === undefined ? [] : [['Corrects', `${refersTo.number} of ${refersTo.issuedOn}`]]),
    ...(reason === undefined ? [] : [['Reason', reason]]),
  ];
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${text(title)}</title><style>${style}</style>
<address><b>${text(issuer.legalName)}</b><br>${addressOf(issuer.address)}<br>VAT id ${text(issuer.vatId)}</address>
${recipient === undefined ? '' : recipientOf(recipient)}
<h1>${text(title)}</h1>
<dl>${facts.map(([name = '', value = '']) => `<dt>${text(name)}</dt><dd>${text(value)}</dd>`).join('')}</dl>
<table><thead><tr><th>Service</th><th>Quantity</th><th>Price</th><th>VAT</th><th>Amount</th></tr></thead><tbody>
${lines.map((line) => row([nameOf(line), String(line.quantity), money(line.price), percent(line.rate), money(line.amount)])).join('\n')}
</tbody></table>
<table><thead><tr><th>VAT</th><th>Net</th><th>Tax</th><th>Gross</th></tr></thead><tbody>
${shares.map((share) => row([percent(share.rate), money(share.net), money(share.vat), money(share.gross)])).join('\n')}
</tbody><tfoot>${row(['Total', money(net), money(vat), money(gross)])}</tfoot></table>
<p>Prices include tax.${shares.some(({ rate }) => rate === undefined) ? ' Without a rate: no supply, so no value added tax.' : ''}</p>
</html>`;
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

function percent(rate: number | undefined): string {
  return rate === undefined ? '–' : `${rate / 100} %`;
}

function row(cells: readonly string[]): string {
  return `<tr>${cells.map((cell) => `<td>${text(cell)}</td>`).join('')}</tr>`;
}

/** Whatever somebody wrote stays what it says. */
function text(value: string): string {
  const named: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return value.replaceAll(/[&<>"]/g, (character) => named[character] ?? '');
}

import type { BillEntry, BillInvoice, BillTotals, MonthBill } from '#shared/sharing/ledger/month-bill.ts';
import { totalOf } from '#shared/sharing/ledger/tax-share.ts';
import { money, printedPage, row, table, text } from './printed-page.ts';

/** A person's month as a page that prints. */
export function billPage({ month, provider, entries, totals }: MonthBill): string {
  const title = `${provider.name}, ${month}`;
  const rows = entries.map((entry) =>
    row([
      ...[entry.line.day, nameOf(entry), entry.supplier.name, invoiceName(entry.invoice)],
      money(signed(entry), entry.line.currency),
    ]),
  );
  const suppliers = new Map(entries.map(({ supplier }) => [supplier.name, supplier.taxId]));
  const taxIds = [...suppliers].map(([name, id]) => text(id === undefined ? name : `${name}: tax id ${id}`));
  return printedPage(
    title,
    `<h1>${text(title)}</h1>
<p>A statement, and no invoice: invoices and credit notes are those whose numbers it names, and those of the partners.</p>
${table(['Day', 'What', 'Of', 'Invoice', 'Amount'], rows)}
${totals.map(totalsTable).join('\n')}
<p>Amounts include tax.<br>${taxIds.join('<br>')}</p>`,
  );
}

function totalsTable(totals: BillTotals): string {
  const [invoiced, credited] = [totalOf(totals.invoiced), totalOf(totals.credited)];
  const figures: readonly (readonly [string, number])[] = [
    ['Charged', totals.billed],
    ['of it for partners', totals.partners],
    ['of it paid by businesses', totals.onAccount],
    ['Taken', totals.taken],
    ['Given back', totals.givenBack],
    ['Forgiven', totals.forgiven],
    ['Owed more than before', totals.owedMore],
    ['Tax in the invoices named, less credit notes', invoiced.vat - credited.vat],
    ['Owed now, in all', totals.owedNow],
  ];
  const rows = figures.map(([name, amount]) => row([name, money(amount, totals.currency)]));
  return table(['Together', totals.currency], rows);
}

function nameOf({ line, about }: BillEntry): string {
  const what = about?.kind === 'charge' ? `${about.chargeKind}, ${about.reason}` : (about?.vehicleTypeId ?? line.what);
  const name = what.replaceAll('-', ' ');
  switch (line.kind) {
    case 'billed':
      return name;
    case 'collected':
      return `Paid: ${name}`;
    case 'forgiven':
      return `Forgiven: ${name}`;
    case 'refunded':
      return `Given back: ${name}`;
  }
}

/** What is asked for stands as it is, everything else as what it takes off. */
function signed({ line: { kind, amount } }: BillEntry): number {
  return kind === 'billed' ? amount : -amount;
}

function invoiceName(invoice: BillInvoice): string {
  switch (invoice.by) {
    case 'operator':
      return invoice.number ?? 'follows';
    case 'partner':
      return 'of the partner';
    case 'business':
      return 'of the business';
    case 'none':
      return '–';
  }
}

import {
  sumColumns,
  sumOf,
  supplierFigures,
  suppliersOf,
  type TaxSide,
  taxesOf,
  taxFigures,
  taxSides,
} from '#shared/sharing/ledger/day-sums.ts';
import type { MonthAccount } from '#shared/sharing/ledger/month-account.ts';

/** A row a day and currency; a column each figure, each rate of tax and each partner that the month knows. RFC 4180; minor units. */
export function accountCsv(accounts: readonly MonthAccount[]): string {
  const taxes = taxSides.flatMap((side) => ratesOf(accounts, side).map((rate) => ({ side, rate })));
  const names = taxes.flatMap(({ side, rate }) =>
    taxFigures.map((figure) => `${side} ${rate === undefined ? 'untaxed' : `${rate / 100} %`} ${figure}`),
  );
  const suppliers = [...new Set(accounts.flatMap((account) => account.suppliers.map(({ supplier }) => supplier)))];
  const theirs = suppliers.flatMap((supplier) => supplierFigures.map((figure) => `for ${supplier} ${figure}`));
  const rows = accounts.flatMap(({ currency, days }) =>
    days.map(({ day, sums }) => [
      ...[day, currency],
      ...sumColumns.map((column) => sumOf(sums, column)),
      ...taxes.flatMap(({ side, rate }) => {
        const share = taxesOf(sums, side).find((one) => one.rate === rate);
        return taxFigures.map((figure) => share?.[figure] ?? 0);
      }),
      ...suppliers.flatMap((supplier) => {
        const found = suppliersOf(sums).find((one) => one.supplier === supplier);
        return supplierFigures.map((figure) => found?.sums[figure] ?? 0);
      }),
    ]),
  );
  return [['day', 'currency', ...sumColumns, ...names, ...theirs], ...rows]
    .map((row) => `${row.join(',')}\r\n`)
    .join('');
}

function ratesOf(accounts: readonly MonthAccount[], side: TaxSide): readonly (number | undefined)[] {
  return [...new Set(accounts.flatMap(({ total }) => taxesOf(total, side).map(({ rate }) => rate)))];
}

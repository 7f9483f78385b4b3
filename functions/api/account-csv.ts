import { sumColumns, sumOf, type TaxSide, taxesOf, taxFigures, taxSides } from '#shared/sharing/ledger/day-sums.ts';
import type { MonthAccount } from '#shared/sharing/ledger/month-account.ts';

/** A row a day and currency; a column each figure, and each rate of tax that the month knows. RFC 4180; minor units. */
export function accountCsv(accounts: readonly MonthAccount[]): string {
  const taxes = taxSides.flatMap((side) => ratesOf(accounts, side).map((rate) => ({ side, rate })));
  const names = taxes.flatMap(({ side, rate }) =>
    taxFigures.map((figure) => `${side} ${rate === undefined ? 'untaxed' : `${rate / 100} %`} ${figure}`),
  );
  const rows = accounts.flatMap(({ currency, days }) =>
    days.map(({ day, sums }) => [
      ...[day, currency],
      ...sumColumns.map((column) => sumOf(sums, column)),
      ...taxes.flatMap(({ side, rate }) => {
        const share = taxesOf(sums, side).find((one) => one.rate === rate);
        return taxFigures.map((figure) => share?.[figure] ?? 0);
      }),
    ]),
  );
  return [['day', 'currency', ...sumColumns, ...names], ...rows].map((row) => `${row.join(',')}\r\n`).join('');
}

function ratesOf(accounts: readonly MonthAccount[], side: TaxSide): readonly (number | undefined)[] {
  return [...new Set(accounts.flatMap(({ total }) => taxesOf(total, side).map(({ rate }) => rate)))];
}

import { added, type SumColumn, type Sums, type SupplierSums, sumOf, suppliersOf, taxesOf } from './day-sums.ts';
import type { DaySums } from './ledger-repository.ts';
import { totalOf } from './tax-share.ts';

/** A month of an operator's books in one currency. */
export interface MonthAccount {
  readonly currency: string;
  readonly days: readonly DaySums[];
  readonly total: Sums;
  /** Whose vehicles were used beside the operator's own: what is theirs of it. */
  readonly suppliers: readonly SupplierSums[];
  /** What does not agree with what; empty. */
  readonly differences: readonly Difference[];
}

export interface Difference {
  /** What ought to be the same. */
  readonly says: string;
  readonly day?: string;
  readonly one: number;
  readonly other: number;
}

/** @param recounted the sums of each day as its lines say them; absent where nobody has counted again */
export function monthAccounts(days: readonly DaySums[], recounted?: readonly DaySums[]): readonly MonthAccount[] {
  const currencies = [...new Set(days.map(({ currency }) => currency))].toSorted();
  return currencies.map((currency) => {
    const own = days.filter((day) => day.currency === currency).toSorted((a, b) => (a.day < b.day ? -1 : 1));
    const total = own.reduce<Sums>((sum, { sums }) => added(sum, sums), {});
    const again = recounted?.filter((day) => day.currency === currency);
    const suppliers = suppliersOf(total);
    const differences = [...disagreements(total), ...suppliers.flatMap(unbalanced), ...miscounts(own, again)];
    return { currency, days: own, total, suppliers, differences };
  });
}

function disagreements(total: Sums): readonly Difference[] {
  const of = (column: SumColumn) => sumOf(total, column);
  const [invoiced, credited] = [totalOf(taxesOf(total, 'invoiced')), totalOf(taxesOf(total, 'credited'))];
  const own = of('billed') - of('onAccount') - of('onPartners') - of('onBehalf') + of('businessBilled');
  const others = of('onAccountCredited') + of('onPartnersCredited') + of('onBehalfCredited');
  const off = of('forgiven') + of('refunded') - others;
  return [
    differing(
      'billed = captured + owed + on account + on partners',
      of('billed') + of('businessBilled'),
      of('captured') + of('owed') + of('onAccount') + of('onPartners'),
    ),
    differing(
      'invoices - credit notes + waiting = billed - forgiven - refunded',
      invoiced.gross - credited.gross + of('waiting'),
      own - off,
    ),
    differing('net + tax = gross of invoices', invoiced.net + invoiced.vat, invoiced.gross),
    differing('net + tax = gross of credit notes', credited.net + credited.vat, credited.gross),
  ].flat();
}

function unbalanced({ supplier, sums }: SupplierSums): readonly Difference[] {
  const { billed = 0, taken = 0, owed = 0, forgiven = 0 } = sums;
  return differing(`for ${supplier}: billed = taken + owed + forgiven`, billed, taken + owed + forgiven);
}

function differing(says: string, one: number, other: number, day?: string): readonly Difference[] {
  return one === other ? [] : [{ says, one, other, ...(day !== undefined && { day }) }];
}

/** The sums against what the lines come to. */
function miscounts(days: readonly DaySums[], again: readonly DaySums[] | undefined): readonly Difference[] {
  if (again === undefined) return [];
  const all = new Set([...days, ...again].map(({ day }) => day));
  return [...all].toSorted().flatMap((day) => {
    const [kept = {}, counted = {}] = [days, again].map((list) => list.find((one) => one.day === day)?.sums);
    const columns = new Set([...Object.keys(kept), ...Object.keys(counted)]);
    return [...columns].flatMap((column) =>
      differing(`sums and lines: ${column}`, kept[column] ?? 0, counted[column] ?? 0, day),
    );
  });
}

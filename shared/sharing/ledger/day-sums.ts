import { type LedgerLine, wantsDocument } from './ledger-line.ts';
import type { Supplier } from './receivable.ts';
import type { TaxShare } from './tax-share.ts';

/**
 * What a day came to, in minor units of one currency, column by column; a column that is missing is 0. Added to in the very
 * write that puts the line down, so that it says what the lines say.
 */
export type Sums = Readonly<Record<string, number>>;

export const sumColumns = [
  /** How many were billed. */
  ...(['trips', 'charges', 'businessMonths'] as const),
  /** What they were billed, trips and charges together; of which it is charges. */
  ...(['billed', 'charged'] as const),
  /** Collected invoices of businesses: their trips were billed before, on account. */
  'businessBilled',
  ...(['captured', 'owed', 'onAccount', 'onPartners', 'onBehalf'] as const),
  ...(['collected', 'forgiven', 'refunded'] as const),
  /** Of `collected`: what came by bank transfer. */
  'transferred',
  /** Of `forgiven` and `refunded`: what a business or a partner is not asked for, or what a supplier has to correct. */
  ...(['onAccountCredited', 'onPartnersCredited', 'onBehalfCredited'] as const),
  ...(['invoices', 'creditNotes'] as const),
  /** What has no document yet, less what of it was credited; and how many lines that are. */
  ...(['waiting', 'waitingLines'] as const),
] as const;
export type SumColumn = (typeof sumColumns)[number];

/** What came of trips with one partner's vehicles, for whom it was taken: the operator passes it on. */
export const supplierFigures = [...(['trips', 'billed', 'taken', 'owed', 'forgiven', 'givenBack'] as const)] as const;
export type SupplierFigure = (typeof supplierFigures)[number];
const ofSupplier = 'for';

/** `for we-share-berlin/nextwheel taken` */
function supplierColumn({ systemId, feedId }: Pick<Supplier, 'systemId' | 'feedId'>, figure: SupplierFigure): string {
  return `${ofSupplier} ${systemId}/${feedId} ${figure}`;
}

export const taxSides = ['invoiced', 'credited'] as const;
export type TaxSide = (typeof taxSides)[number];
export const taxFigures = ['net', 'vat', 'gross'] as const;
const untaxed = 'none';

/** `invoiced 1900 vat`: what the day's invoices say at 19 percent. */
function taxColumn(side: TaxSide, { rate }: Pick<TaxShare, 'rate'>, figure: (typeof taxFigures)[number]): string {
  return `${side} ${rate ?? untaxed} ${figure}`;
}

/** What a line that was not there before adds to its day. */
export function sumsOfLine(line: LedgerLine): Sums {
  const waiting = waitingSums(line, line.document === undefined ? 1 : 0);
  return { ...sumsOfMovement(line), ...supplierSums(line), ...waiting, ...documentSums(line) };
}

/** What its document adds, which came later than the line. */
export function sumsOfLateDocument(line: LedgerLine): Sums {
  return { ...waitingSums(line, -1), ...documentSums(line) };
}

function sumsOfMovement(line: LedgerLine): Sums {
  const { kind, amount, onAccountOf, partnerPays, supplier, transfer, captured = 0, owed = 0 } = line;
  if (kind === 'collected') return { collected: amount, ...(transfer !== undefined && { transferred: amount }) };
  const outside = {
    ...(onAccountOf !== undefined && { [kind === 'billed' ? 'onAccount' : 'onAccountCredited']: amount }),
    ...(partnerPays && { [kind === 'billed' ? 'onPartners' : 'onPartnersCredited']: amount }),
    ...(supplier !== undefined && { [kind === 'billed' ? 'onBehalf' : 'onBehalfCredited']: amount }),
  };
  if (kind !== 'billed') return { [kind]: amount, ...outside };
  switch (line.what) {
    case 'trip':
      return { trips: 1, billed: amount, captured, owed, ...outside };
    case 'charge':
      return { charges: 1, billed: amount, charged: amount, captured, owed, ...outside };
    case 'business-month':
      return { businessMonths: 1, businessBilled: amount, captured, owed };
  }
}

function supplierSums({ supplier, kind, amount, captured = 0, owed = 0 }: LedgerLine): Sums {
  if (supplier === undefined) return {};
  const column = (figure: SupplierFigure) => supplierColumn(supplier, figure);
  switch (kind) {
    case 'billed':
      return {
        ...{ [column('trips')]: 1, [column('billed')]: amount },
        ...{ [column('taken')]: captured, [column('owed')]: owed },
      };
    case 'collected':
      return { [column('taken')]: amount, [column('owed')]: -amount };
    case 'forgiven':
      return { [column('forgiven')]: amount, [column('owed')]: -amount };
    case 'refunded':
      return { [column('givenBack')]: amount };
  }
}

function waitingSums(line: LedgerLine, lines: 1 | 0 | -1): Sums {
  const { kind, amount } = line;
  if (!wantsDocument(line) || lines === 0) return {};
  return { waiting: (kind === 'billed' ? amount : -amount) * lines, waitingLines: lines };
}

function documentSums({ document, kind, shares }: LedgerLine): Sums {
  if (document === undefined) return {};
  const side: TaxSide = kind === 'billed' ? 'invoiced' : 'credited';
  const taxes = shares.flatMap((share) =>
    taxFigures.map((figure) => [taxColumn(side, share, figure), share[figure]] as const),
  );
  return { [kind === 'billed' ? 'invoices' : 'creditNotes']: 1, ...Object.fromEntries(taxes) };
}

export function added(one: Sums, other: Sums): Sums {
  const sums: Record<string, number> = { ...one };
  for (const [column, amount] of Object.entries(other)) sums[column] = (sums[column] ?? 0) + amount;
  return sums;
}

export function sumOf(sums: Sums, column: SumColumn): number {
  return sums[column] ?? 0;
}

/** Of each partner, in the order of their names: what was billed, taken and given back for them. */
export function suppliersOf(sums: Sums): readonly SupplierSums[] {
  const names = Object.keys(sums).flatMap((column) => {
    const [of, name] = column.split(' ');
    return of === ofSupplier && name !== undefined ? [name] : [];
  });
  return [...new Set(names)].toSorted().map((supplier) => {
    const of = (figure: SupplierFigure) => sums[`${ofSupplier} ${supplier} ${figure}`] ?? 0;
    const figures = supplierFigures.map((figure) => [figure, of(figure)] as const);
    return { supplier, sums: Object.fromEntries(figures), toPassOn: of('taken') - of('givenBack') };
  });
}

export interface SupplierSums {
  /** `<systemId>/<feedId>` */
  readonly supplier: string;
  readonly sums: Readonly<Record<string, number>>;
  /** Taken, less what was given back: it is the partner's. */
  readonly toPassOn: number;
}

/** What the documents say, rate by rate, the highest first. */
export function taxesOf(sums: Sums, side: TaxSide): readonly TaxShare[] {
  const rates = new Set(
    Object.keys(sums).flatMap((column) => {
      const [of, rate] = column.split(' ');
      return of === side && rate !== undefined ? [rate] : [];
    }),
  );
  return [...rates]
    .map((text) => (text === untaxed ? {} : { rate: Number(text) }))
    .toSorted((one, other) => (other.rate ?? -1) - (one.rate ?? -1))
    .map((rate) => {
      const [net = 0, vat = 0, gross = 0] = taxFigures.map((figure) => sums[taxColumn(side, rate, figure)] ?? 0);
      return { ...rate, net, vat, gross };
    });
}

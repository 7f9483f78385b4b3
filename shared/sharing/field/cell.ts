import type { Place } from '../zones/zone.ts';

/**
 * A square of some 500 m by 500 m, the same for ever: `r31667c42819`. A plain grid by degrees: the columns of a row are as
 * wide as the row is high, whichever latitude that is.
 */
export type CellId = string & { readonly cell: unique symbol };

export const cellPattern = /^r\d{1,6}c\d{1,6}$/;

/** Degrees of latitude: 500 m. */
const height = 0.0045;

export function isCell(text: string): text is CellId {
  return cellPattern.test(text);
}

export function cellAt({ latitude, longitude }: Place): CellId {
  const row = Math.floor((latitude + 90) / height);
  return cellOf(row, Math.floor((longitude + 180) / widthOf(row)));
}

/** Its middle. */
export function placeOf(cell: CellId): Place {
  const [row = 0, column = 0] = cell.slice(1).split('c').map(Number);
  const rounded = (degrees: number) => Math.round(degrees * 1e6) / 1e6;
  return { latitude: rounded((row + 0.5) * height - 90), longitude: rounded((column + 0.5) * widthOf(row) - 180) };
}

function widthOf(row: number): number {
  const middle = ((row + 0.5) * height - 90) * (Math.PI / 180);
  // At the pole a row is one cell; nobody shares cars there.
  return height / Math.max(0.001, Math.cos(middle));
}

function cellOf(row: number, column: number): CellId {
  const cell = `r${row}c${column}`;
  if (!isCell(cell)) throw new RangeError(`${cell} is no cell`);
  return cell;
}

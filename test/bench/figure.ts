/** One measured figure, and in the same unit what the project promises: never more than, or never less than. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly limit?: number;
  readonly least?: number;
}

export function kept({ value, limit, least }: Figure): boolean {
  return (limit === undefined || value <= limit) && (least === undefined || value >= least);
}

export function promiseOf({ limit, least }: Figure): string {
  const most = limit === undefined ? '' : `  promised ≤ ${limit}`;
  return least === undefined ? most : `${most}  promised ≥ ${least}`;
}

/** The value below which `share` (0 … 1) of the sorted samples lie. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

export function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

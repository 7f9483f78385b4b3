import { vatWithin } from '../prices/vat.ts';

/** Part of an amount that is taxed at one rate. Minor units; `gross` is `net` and `vat` together. */
export interface TaxShare {
  /** Hundredths of a percent; absent: no supply, so no value added tax (fines, damages), or one that is not known here. */
  readonly rate?: number;
  readonly net: number;
  readonly vat: number;
  readonly gross: number;
}

/** What was charged at which rate; nothing is rounded but the tax of each rate, once. */
export function sharesOf(parts: readonly { readonly amount: number; readonly rate?: number }[]): readonly TaxShare[] {
  const rates = [...new Set(parts.map(({ rate }) => rate))];
  return rates.map((rate) => {
    const gross = parts.reduce((sum, part) => (part.rate === rate ? sum + part.amount : sum), 0);
    return shareOf(gross, rate);
  });
}

function shareOf(gross: number, rate: number | undefined): TaxShare {
  const vat = rate === undefined ? 0 : vatWithin(gross, rate);
  return { ...(rate !== undefined && { rate }), net: gross - vat, vat, gross };
}

/**
 * How much of each rate is in the part from `before` to `before + amount` of a whole. What is credited bit by bit adds up
 * to the whole's own figures, tax included, to the last unit.
 */
export function apportioned(whole: readonly TaxShare[], before: number, amount: number): readonly TaxShare[] {
  const [from, to] = [upTo(whole, before), upTo(whole, before + amount)];
  return to
    .map(({ rate, gross, vat }, place) => {
      const [part, tax] = [gross - (from[place]?.gross ?? 0), vat - (from[place]?.vat ?? 0)];
      return { ...(rate !== undefined && { rate }), net: part - tax, vat: tax, gross: part };
    })
    .filter(({ gross, vat }) => gross !== 0 || vat !== 0);
}

/** The rates' parts of the first `amount` of the whole, each by its share. */
function upTo(whole: readonly TaxShare[], amount: number): readonly TaxShare[] {
  const total = whole.reduce((sum, { gross }) => sum + gross, 0);
  let left = amount;
  return whole.map(({ rate, gross }, place) => {
    const isLast = place === whole.length - 1;
    const part = isLast || total === 0 ? left : Math.floor((amount * gross) / total);
    left -= part;
    return shareOf(part, rate);
  });
}

export function totalOf(shares: readonly TaxShare[]) {
  const sum = (of: 'net' | 'vat' | 'gross') => shares.reduce((total, share) => total + share[of], 0);
  return { net: sum('net'), vat: sum('vat'), gross: sum('gross') };
}

import type { Market } from '../../registry/market.ts';

/**
 * Value added tax on the use of a shared vehicle by a consumer: the standard rate of the market, by day. The place of
 * supply of a short-term hire is where the vehicle is put at the customer's disposal (Directive 2006/112/EC, Article 56).
 *
 * Sources: European Commission, "Taxes in Europe Database" and "VAT rates applied in the Member States" (EU); GOV.UK, "VAT
 * rates" (GB); Federal Tax Administration, "Swiss VAT rates" (CH); Ministry of Finance, State Taxation Administration and
 * General Administration of Customs, Announcement 2019 No. 39, lease of tangible movable property (CN). As of 2026-01; what
 * changes is added with its day, and nothing is taken away: a use is billed by the day on which it ended.
 */
const standardRates: Readonly<Record<string, readonly DatedRate[]>> = {
  AT: [['2020-01-01', 2000]],
  BE: [['2020-01-01', 2100]],
  BG: [['2020-01-01', 2000]],
  CH: [
    ['2020-01-01', 770],
    ['2024-01-01', 810],
  ],
  CN: [['2020-01-01', 1300]],
  CY: [['2020-01-01', 1900]],
  CZ: [['2020-01-01', 2100]],
  DE: [
    ['2020-01-01', 1900],
    ['2020-07-01', 1600],
    ['2021-01-01', 1900],
  ],
  DK: [['2020-01-01', 2500]],
  EE: [
    ['2020-01-01', 2000],
    ['2024-01-01', 2200],
    ['2025-07-01', 2400],
  ],
  ES: [['2020-01-01', 2100]],
  FI: [
    ['2020-01-01', 2400],
    ['2024-09-01', 2550],
  ],
  FR: [['2020-01-01', 2000]],
  GB: [['2020-01-01', 2000]],
  GR: [['2020-01-01', 2400]],
  HR: [['2020-01-01', 2500]],
  HU: [['2020-01-01', 2700]],
  IE: [
    ['2020-01-01', 2300],
    ['2020-09-01', 2100],
    ['2021-03-01', 2300],
  ],
  IT: [['2020-01-01', 2200]],
  LT: [['2020-01-01', 2100]],
  LU: [
    ['2020-01-01', 1700],
    ['2023-01-01', 1600],
    ['2024-01-01', 1700],
  ],
  LV: [['2020-01-01', 2100]],
  MT: [['2020-01-01', 1800]],
  NL: [['2020-01-01', 2100]],
  PL: [['2020-01-01', 2300]],
  PT: [['2020-01-01', 2300]],
  RO: [
    ['2020-01-01', 1900],
    ['2025-08-01', 2100],
  ],
  SE: [['2020-01-01', 2500]],
  SI: [['2020-01-01', 2200]],
  SK: [
    ['2020-01-01', 2000],
    ['2025-01-01', 2300],
  ],
};

/** From this day on; hundredths of a percent, so that 8.1 % is a whole number. */
type DatedRate = readonly [from: string, hundredths: number];

export const taxedMarkets: readonly string[] = Object.keys(standardRates);

/**
 * @param day `2026-05-31`, in the time zone of the system
 * @returns hundredths of a percent; undefined where the market's tax, or that of so early a day, is not known here
 */
export function vatRate(market: Market, day: string): number | undefined {
  return standardRates[market]?.findLast(([from]) => from <= day)?.[1];
}

/**
 * The tax within an amount that contains it: gross · rate / (100 % + rate), rounded to the nearest minor unit, half a unit
 * up. Once for the whole bill, so that no rounding of lines adds up. Of what is given back it is what it was of the same
 * amount when it was charged.
 */
export function vatWithin(gross: number, hundredths: number): number {
  if (gross < 0) return 0 - vatWithin(-gross, hundredths);
  const [dividend, divisor] = [BigInt(gross) * BigInt(hundredths), 10_000n + BigInt(hundredths)];
  return Number((2n * dividend + divisor) / (2n * divisor));
}

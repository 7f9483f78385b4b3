import type { Market } from '../../registry/market.ts';

/**
 * What is paid with in the markets whose value added tax is known here (`vat.ts`). Source: ISO 4217, list one, as of 2026-01
 * (Croatia with the euro since 2023, Bulgaria since 2026). All have two decimals.
 */
const marketsOf: Readonly<Record<string, string>> = {
  EUR: 'AT BE BG CY DE EE ES FI FR GR HR IE IT LT LU LV MT NL PT SI SK',
  ...{ CHF: 'CH', CNY: 'CN', CZK: 'CZ', DKK: 'DK', GBP: 'GB', HUF: 'HU', PLN: 'PL', RON: 'RO', SEK: 'SE' },
};

/** ISO 4217; undefined where it is not known here. */
export function currencyOf(market: Market): string | undefined {
  return Object.keys(marketsOf).find((currency) => marketsOf[currency]?.split(' ').includes(market));
}

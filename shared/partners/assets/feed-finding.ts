/** What may be wrong with what a partner publishes. Those of a file stop its reading; those of an asset leave that one out. */
const fileFindings = [
  ...(['file-unreachable', 'file-address-refused', 'file-redirects', 'file-refused', 'file-too-large'] as const),
  ...(['file-too-slow', 'file-not-json', 'file-is-page', 'file-wrong-version', 'file-malformed'] as const),
  ...(['file-missing'] as const),
] as const;
const assetFindings = [
  ...(['asset-malformed', 'asset-twice', 'asset-type-unknown', 'asset-plan-unknown', 'asset-place-missing'] as const),
  ...(['coordinates-swapped', 'asset-outside-system', 'charge-impossible', 'range-impossible'] as const),
  ...(['asset-too-many', 'seen-in-the-future'] as const),
] as const;
/** They leave nothing out, and want somebody to look. */
const feedWarnings = [
  ...([
    'type-missing',
    'type-differs',
    'plan-dangling',
    'price-differs',
    'data-stale',
    'data-from-the-future',
  ] as const),
] as const;
export const findingCodes = [...fileFindings, ...assetFindings, ...feedWarnings] as const;
export type FeedFindingCode = (typeof findingCodes)[number];

export interface FeedFinding {
  readonly code: FeedFindingCode;
  /** The file, and within it: `/vehicle_status/data/vehicles/12/lat`. */
  readonly pointer: string;
  readonly detail: string;
}

/** So many are kept of one reading; all are counted. */
export const keptFindings = 50;

export function isOfAsset({ code }: FeedFinding): boolean {
  return assetFindings.some((one) => one === code);
}

/** What a partner wrote, so short that it can stand in a sentence, and without what cannot be seen. */
export function quoted(value: unknown): string {
  const isNested = typeof value === 'object' && value !== null;
  const text = isNested ? (Array.isArray(value) ? '[…]' : '{…}') : String(value);
  const shown = text.replace(/[^\x20-\x7e]/g, '?');
  return `"${shown.length > 40 ? `${shown.slice(0, 40)}…` : shown}"`;
}

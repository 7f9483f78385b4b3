import type { LegStatus } from '#shared/partners/tomp/leg.ts';
import type { PackageStatus } from '#shared/partners/tomp/package.ts';
import type { ReferenceAsset } from './reference-gbfs.ts';

/** A package of the reference partner. */
export interface Booking {
  readonly packageId: string;
  readonly offerId: string;
  /** Whose customer it is for. */
  readonly reseller: string;
  readonly asset: ReferenceAsset;
  /** As it was called when it was offered. */
  readonly assetId: string;
  readonly travellerId: string;
  status: PackageStatus;
  expires: number;
  extensionsLeft: number;
  leg: LegStatus;
  startedAt?: number;
  endedAt?: number;
  meters: number;
}

/** Cents once, and for each minute begun. */
export interface ReferencePrice {
  readonly fee: number;
  readonly minute: number;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const money = { currencyCode: 'EUR', taxPercentageUsed: 19, vatCountryCode: 'DE' };
export const legOperations = ['start-leg', 'pause-leg', 'resume-leg', 'end-leg'];
const processes = [
  ...['search-offers', 'purchase-offers', 'confirm-purchase', 'extend-expiry-time', 'rollback-purchase'],
  ...['release-package', 'cancel-package', ...legOperations, 'confirm-payment'],
];
const collections = ['packages', 'legs', 'payments'];

export function landing(): Answer {
  const body = { title: 'Nextwheel', description: 'Scooters', links: [...processes, ...collections].map(linked) };
  return { status: 200, body };
}

export function refusal(status: number, code: string, detail: string, resolution?: string): Answer {
  const type = `https://partner.test/problems/${code}`;
  return { status, body: { type, title: code, detail, ...(resolution !== undefined && { resolution }) } };
}

/** Not the package's: the two are told apart by who mixes them up. */
export function legIdOf({ packageId }: Pick<Booking, 'packageId'>): string {
  return `${packageId}-leg`;
}

/** What its state admits. @param isPriced what it costs stands */
export function possible({ status, leg, extensionsLeft }: Booking, isPriced: boolean): readonly string[] {
  const longer = extensionsLeft > 0 ? ['extend-expiry-time'] : [];
  switch (status) {
    case 'PENDING':
      return ['confirm-purchase', ...longer, 'rollback-purchase', 'release-package'];
    case 'CONFIRMED':
      return ['start-leg', ...longer, 'cancel-package'];
    case 'STARTED':
      return leg === 'PAUSED' ? ['resume-leg', 'end-leg'] : ['pause-leg', 'end-leg'];
    case 'ENDED':
      return isPriced ? ['confirm-payment'] : [];
    default:
      return [];
  }
}

export function offerOf(id: string, assetId: string, { fee, minute }: ReferencePrice) {
  const legs = [{ type: 'leg', id: `${id}-leg`, specification: {}, assets: [assetId] }];
  const elements = [
    { type: 'FIXED', amount: fee / 100, currencyCode: 'EUR' },
    { type: 'FLEX', amount: minute / 100, currencyCode: 'EUR', units: 'MINUTE', amountOfUnits: 1 },
  ];
  const price = { amount: (fee + 10 * minute) / 100, ...money, estimated: true, elements };
  return {
    ...{ type: 'Feature', id, properties: { type: 'offer', id, status: 'OFFERED', legs, price } },
    links: [linked('purchase-offers')],
  };
}

/** @param cost cents, by now */
export function packageOf(
  booking: Booking,
  cost: number,
  { fee }: ReferencePrice,
  isPriced: boolean,
  as: 'packages' | 'legs',
): Answer {
  const { packageId, status, leg, assetId, expires, extensionsLeft, startedAt, endedAt, meters } = booking;
  const id = legIdOf(booking);
  const specification = { startTime: time(startedAt), endTime: time(endedAt) };
  const properties = { type: 'leg', id, specification, status: leg, assets: [assetId], customFields: { meters } };
  const legLinks = possible(booking, isPriced).filter((rel) => rel.endsWith('-leg'));
  const features = [{ type: 'Feature', id, properties, links: legLinks.map(linked) }];
  if (as === 'legs') return { status: 200, body: { type: 'FeatureCollection', features, links: [] } };
  const elements = [fee, cost - fee].map((cents) => ({ type: 'FIXED', amount: cents / 100, currencyCode: 'EUR' }));
  const isOver = status === 'ENDED' || status === 'SETTLED';
  return {
    status: 200,
    body: {
      ...{ type: 'FeatureCollection', features },
      properties: {
        ...{ type: 'package', id: packageId, status, customFields: { expires: time(expires), extensionsLeft } },
        price: { amount: cost / 100, ...money, estimated: !isPriced, elements },
      },
      links: [...possible(booking, isPriced), 'self', ...(isOver ? ['payments'] : [])].map(linked),
    },
  };
}

export function paymentsOf(
  entries: readonly { readonly legId: string; readonly at: number; readonly amount: number }[],
  month: string | undefined,
): Answer {
  const features = entries.map(({ legId, at, amount }) => {
    const detail = { id: legId, category: 'FARE', state: 'TO_INVOICE', amount: amount / 100, currencyCode: 'EUR' };
    return { type: 'Feature', id: `${legId}-fare`, properties: { ...detail, customFields: { at: time(at) } } };
  });
  const total = entries.reduce((sum, { amount }) => sum + amount, 0);
  const properties = {
    type: 'paymentCollection',
    ...(month !== undefined && { month, total: { amount: total / 100, currencyCode: 'EUR' } }),
  };
  return {
    status: 200,
    body: { type: 'FeatureCollection', features, properties, numberReturned: features.length, links: [] },
  };
}

function linked(rel: string) {
  const isCollection = collections.includes(rel) || rel === 'self';
  const path = isCollection ? `/collections/${rel === 'self' ? 'packages' : rel}/items` : `/processes/${rel}/execution`;
  return { rel, href: path, method: isCollection ? 'GET' : 'POST' };
}

function time(instant: number | undefined): string | undefined {
  return instant === undefined ? undefined : new Date(instant).toISOString();
}

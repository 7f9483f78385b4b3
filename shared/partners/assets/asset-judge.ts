import type { Instant } from '../../kernel/clock.ts';
import type { SharingSystem } from '../../sharing/setup/system.ts';
import type { Place } from '../../sharing/zones/zone.ts';
import type { Asset } from './asset.ts';
import { type FeedFinding, type FeedFindingCode, quoted } from './feed-finding.ts';
import { vehicleEntry } from './gbfs-document.ts';
import type { ShownType } from './partner-feed.ts';

/** What a vehicle of the feed is judged by. */
export interface AssetRules {
  readonly bounds: SharingSystem['bounds'];
  /** By the partner's id: how we show it. */
  readonly shows: ReadonlyMap<string, ShownType>;
  /** Every type that `vehicle_types` has. */
  readonly typeIds: ReadonlySet<string>;
  /** Every plan that `system_pricing_plans` has; absent: the partner publishes none. */
  readonly planIds?: ReadonlySet<string>;
  /** Of the file. */
  readonly lastUpdated: Instant;
  readonly now: Instant;
}

export interface JudgedAssets {
  readonly assets: readonly Asset[];
  readonly findings: readonly FeedFinding[];
  /** Of types that the operator does not show. */
  readonly notShown: number;
}

/** More than any city of bikes. */
const mostAssets = 10_000;
const list = '/vehicle_status/data/vehicles';
/** ms by which the partner's clock may be ahead. */
const ahead = 60_000;

/** Each by itself: a broken one leaves its neighbours. */
export function judgedAssets(entries: readonly unknown[], rules: AssetRules): JudgedAssets {
  const assets = new Map<string, Asset>();
  const findings: FeedFinding[] = [];
  let notShown = 0;
  for (const [index, entry] of entries.entries()) {
    if (index >= mostAssets) {
      findings.push(finding('asset-too-many', list, `holds ${entries.length}: the first ${mostAssets} are read`));
      break;
    }
    const judged = judgedAsset(entry, `${list}/${index}`, rules);
    if (judged.kind === 'not-shown') notShown += 1;
    else if (judged.kind === 'bad') findings.push(...judged.findings);
    else if (assets.has(judged.asset.assetId)) {
      const id = quoted(judged.asset.assetId);
      findings.push(
        finding('asset-twice', `${list}/${index}/vehicle_id`, `${id} stands there before: the first counts`),
      );
    } else assets.set(judged.asset.assetId, judged.asset);
  }
  return { assets: [...assets.values()], findings, notShown };
}

type Judged =
  | { readonly kind: 'good'; readonly asset: Asset }
  | { readonly kind: 'bad'; readonly findings: readonly FeedFinding[] }
  | { readonly kind: 'not-shown' };

function judgedAsset(entry: unknown, pointer: string, rules: AssetRules): Judged {
  const parsed = vehicleEntry.safeParse(entry);
  if (!parsed.success) {
    const path = (parsed.error.issues[0]?.path ?? []).map((part) => `/${String(part)}`).join('');
    const says = 'is missing or of another kind than GBFS 3.0 says';
    return { kind: 'bad', findings: [finding('asset-malformed', `${pointer}${path}`, says)] };
  }
  const { vehicle_id: assetId, is_reserved, is_disabled, vehicle_type_id, pricing_plan_id, ...said } = parsed.data;
  const shown = rules.shows.get(vehicle_type_id ?? '');
  if (shown === undefined && rules.typeIds.has(vehicle_type_id ?? '')) return { kind: 'not-shown' };
  const place = placeOf(said, pointer, rules.bounds);
  const charge = numberIn(said.current_fuel_percent, 'charge-impossible', `${pointer}/current_fuel_percent`, 1);
  const range = numberIn(said.current_range_meters, 'range-impossible', `${pointer}/current_range_meters`, 5_000_000);
  const at = said.last_reported === undefined ? rules.lastUpdated : Date.parse(said.last_reported);
  const findings = [
    ...dangling(vehicle_type_id, rules.typeIds, 'asset-type-unknown', `${pointer}/vehicle_type_id`),
    ...(pricing_plan_id === undefined || rules.planIds === undefined
      ? []
      : dangling(pricing_plan_id, rules.planIds, 'asset-plan-unknown', `${pointer}/pricing_plan_id`)),
    ...[place, charge, range].flatMap((one) => (one.kind === 'bad' ? [one.finding] : [])),
    ...timeFindings(at, said.last_reported, `${pointer}/last_reported`, rules.now),
  ];
  if (findings.length > 0 || shown === undefined || place.kind === 'bad') return { kind: 'bad', findings };
  return {
    kind: 'good',
    asset: {
      ...{ assetId, vehicleTypeId: shown.vehicleTypeId, place: place.value, isFree: !is_reserved && !is_disabled, at },
      ...(shown.planId !== undefined && { planId: shown.planId }),
      ...(charge.kind === 'good' && charge.value !== undefined && { charge: Math.round(charge.value * 1000) / 10 }),
      ...(range.kind === 'good' && range.value !== undefined && { rangeMeters: Math.round(range.value) }),
    },
  };
}

type Part<T> = { readonly kind: 'good'; readonly value: T } | { readonly kind: 'bad'; readonly finding: FeedFinding };

function placeOf(
  { lat, lon }: { readonly lat?: unknown; readonly lon?: unknown },
  pointer: string,
  bounds: SharingSystem['bounds'],
): Part<Place> {
  if (lat === undefined && lon === undefined) {
    return bad('asset-place-missing', pointer, 'says only at which station it stands: no place of its own');
  }
  if (!isDegrees(lat, 90) || !isDegrees(lon, 180)) {
    // Latitude beyond the pole is longitude where it fits the other way round.
    if (isDegrees(lon, 90) && isDegrees(lat, 180) && isIn(bounds, lon, lat)) return swapped(pointer);
    const wrong = isDegrees(lat, 90) ? 'lon' : 'lat';
    return bad('asset-place-missing', `${pointer}/${wrong}`, `${quoted(wrong === 'lat' ? lat : lon)} are no degrees`);
  }
  if (isIn(bounds, lat, lon)) return { kind: 'good', value: { latitude: lat, longitude: lon } };
  if (isIn(bounds, lon, lat)) return swapped(pointer);
  return bad('asset-outside-system', `${pointer}/lat`, `${lat}, ${lon} is outside the city`);
}

function swapped(pointer: string): Part<Place> {
  const says = 'latitude and longitude are swapped: the other way round it stands in the city';
  return bad('coordinates-swapped', `${pointer}/lat`, says);
}

function isDegrees(value: unknown, most: number): value is number {
  return typeof value === 'number' && Math.abs(value) <= most;
}

function isIn([west, south, east, north]: SharingSystem['bounds'], latitude: number, longitude: number): boolean {
  return longitude >= west && longitude <= east && latitude >= south && latitude <= north;
}

function numberIn(value: unknown, code: FeedFindingCode, pointer: string, most: number): Part<number | undefined> {
  if (value === undefined) return { kind: 'good', value: undefined };
  if (typeof value === 'number' && value >= 0 && value <= most) return { kind: 'good', value };
  return bad(code, pointer, `${quoted(value)} is not between 0 and ${most}`);
}

function dangling(
  id: string | undefined,
  known: ReadonlySet<string>,
  code: FeedFindingCode,
  pointer: string,
): FeedFinding[] {
  if (id !== undefined && known.has(id)) return [];
  return [finding(code, pointer, id === undefined ? 'is missing' : `${quoted(id)} stands in no other file`)];
}

function timeFindings(at: number, said: string | undefined, pointer: string, now: Instant): FeedFinding[] {
  if (Number.isNaN(at)) return [finding('asset-malformed', pointer, `${quoted(said)} is no time (RFC 3339)`)];
  return at > now + ahead ? [finding('seen-in-the-future', pointer, `${quoted(said)} lies in the future`)] : [];
}

function bad<T>(code: FeedFindingCode, pointer: string, detail: string): Part<T> {
  return { kind: 'bad', finding: finding(code, pointer, detail) };
}

function finding(code: FeedFindingCode, pointer: string, detail: string): FeedFinding {
  return { code, pointer, detail };
}

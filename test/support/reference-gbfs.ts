/** A vehicle of the reference partner. */
export interface ReferenceAsset {
  /** Changes with each trip. */
  assetId: string;
  /** A moped asks for a licence of class B, and 21 years. */
  readonly kind: 'bike' | 'scooter' | 'moped';
  lat: number;
  lon: number;
  /** Percent. */
  charge: number;
  isReserved: boolean;
  isDisabled: boolean;
  /** Somebody rides it: it is in no feed. */
  isRidden: boolean;
}

export function aReferenceAsset(assetId: string, more: Partial<ReferenceAsset> = {}): ReferenceAsset {
  return {
    ...{ assetId, kind: 'scooter', lat: 52.5219, lon: 13.4132, charge: 80 },
    ...{ isReserved: false, isDisabled: false, isRidden: false, ...more },
  };
}

/** Around Alexanderplatz. */
export function referenceAssets(): readonly ReferenceAsset[] {
  return [
    aReferenceAsset('scooter-1', { lat: 52.522, lon: 13.413 }),
    aReferenceAsset('scooter-2', { lat: 52.5225, lon: 13.414 }),
    aReferenceAsset('bike-1', { kind: 'bike', lat: 52.5215, lon: 13.412, charge: 0 }),
  ];
}

interface Header {
  readonly last_updated: string;
  readonly ttl: number;
  readonly version: string;
}

/** GBFS 3.0, what it says of its assets. @param base where the files are */
export function gbfsDocument(file: string, header: Header, assets: readonly ReferenceAsset[], base: string): object {
  return { ...header, data: dataOf(file, assets, base) };
}

function dataOf(file: string, assets: readonly ReferenceAsset[], base: string): object {
  const names = ['system_information', 'vehicle_types', 'vehicle_status', 'system_pricing_plans'];
  switch (file) {
    case 'gbfs':
      return { feeds: names.map((name) => ({ name, url: `${base}/${name}` })) };
    case 'vehicle_types':
      return {
        vehicle_types: [
          {
            ...{ vehicle_type_id: 's', form_factor: 'scooter_standing', propulsion_type: 'electric' },
            ...{ max_range_meters: 40_000, default_pricing_plan_id: 'scooter-plan' },
          },
          {
            ...{ vehicle_type_id: 'b', form_factor: 'bicycle', propulsion_type: 'human' },
            default_pricing_plan_id: 'bike-plan',
          },
          {
            ...{ vehicle_type_id: 'm', form_factor: 'moped', propulsion_type: 'electric' },
            ...{ max_range_meters: 60_000, default_pricing_plan_id: 'scooter-plan' },
          },
        ],
      };
    case 'system_pricing_plans':
      return { plans: [plan('scooter-plan', 1, 0.19), plan('bike-plan', 0.5, 0.05)] };
    default:
      return { vehicles: assets.filter(({ isRidden }) => !isRidden).map(statusOf) };
  }
}

function plan(plan_id: string, price: number, rate: number) {
  return {
    ...{ plan_id, name: [{ text: plan_id, language: 'en' }], currency: 'EUR', price, is_taxable: false },
    description: [{ text: plan_id, language: 'en' }],
    per_min_pricing: [{ start: 0, rate, interval: 1 }],
  };
}

const typeIds = { bike: 'b', scooter: 's', moped: 'm' } as const;

function statusOf({ assetId, kind, lat, lon, charge, isReserved, isDisabled }: ReferenceAsset) {
  return {
    ...{ vehicle_id: assetId, lat, lon, is_reserved: isReserved, is_disabled: isDisabled },
    vehicle_type_id: typeIds[kind],
    ...(kind !== 'bike' && { current_fuel_percent: charge / 100, current_range_meters: charge * 400 }),
  };
}

/**
 * Where a shared vehicle may be started, driven and left: GBFS 3.0, `geofencing_zones.json`, in the platform's casing.
 * The same zones are judged by in the cloud and on board.
 */
export interface ZoneSet {
  readonly systemId: string;
  /** Rises with each change: a trip that ends without a network names the one it was judged by. */
  readonly version: number;
  /** Where zones overlap, the earliest one that has a rule for the vehicle's type counts. At most 200 zones, 96 KB as JSON. */
  readonly zones: readonly Zone[];
  /** Where no zone says anything. */
  readonly globalRules: readonly ZoneRule[];
}

export interface Zone {
  readonly zoneId: string;
  readonly name: string;
  /** GeoJSON, [longitude, latitude] in degrees (WGS 84): polygons, each an outer ring and its holes, all closed. */
  readonly geometry: MultiPolygon;
  /** In force from and until; ms since the Unix epoch. */
  readonly start?: number;
  readonly end?: number;
  /** The first that names the vehicle's type, or none, counts. Empty: the zone says nothing of where one may go. */
  readonly rules: readonly ZoneRule[];
  /** A garage, a valley: a vehicle that falls silent here is where it is, and stays bookable. */
  readonly noCoverage?: boolean;
  /** A station: where a trip may end although `stationParking` is asked for. */
  readonly stationId?: string;
}

export type Position = readonly [longitude: number, latitude: number];

export interface MultiPolygon {
  readonly type: 'MultiPolygon';
  readonly coordinates: readonly (readonly (readonly Position[])[])[];
}

export interface ZoneRule {
  /** Absent: for every type. */
  readonly vehicleTypeIds?: readonly string[];
  readonly rideStartAllowed: boolean;
  readonly rideEndAllowed: boolean;
  readonly rideThroughAllowed: boolean;
  /** km/h */
  readonly maximumSpeedKph?: number;
  /** A trip ends at a station alone. */
  readonly stationParking?: boolean;
}

export interface Place {
  /** Degrees, WGS 84. */
  readonly latitude: number;
  readonly longitude: number;
}

import type { Instant } from '../../kernel/clock.ts';
import type { MdsEvent, MdsState } from '../mds.ts';
import type { VehicleType } from '../setup/system.ts';

/** MDS 2.0, "Data Types": members as they stand there; times are milliseconds since the Unix epoch. */
export interface MdsVehicle {
  readonly device_id: string;
  readonly provider_id: string;
  readonly vehicle_id: string;
  readonly vehicle_type: VehicleType['formFactor'];
  readonly propulsion_types: readonly [VehicleType['propulsion']];
  readonly accessibility_attributes: readonly never[];
}

export interface Gps {
  readonly lat: number;
  readonly lng: number;
}

interface Energy {
  readonly battery_percent?: number;
  readonly fuel_percent?: number;
}

export interface MdsEventRecord extends Energy {
  readonly device_id: string;
  readonly provider_id: string;
  readonly event_id: string;
  readonly vehicle_state: MdsState;
  readonly event_types: readonly [MdsEvent];
  readonly timestamp: Instant;
  readonly publication_time: Instant;
  readonly location: Gps;
  readonly trip_ids?: readonly string[];
}

export interface MdsTelemetry extends Energy {
  readonly device_id: string;
  readonly provider_id: string;
  readonly telemetry_id: string;
  readonly timestamp: Instant;
  readonly trip_ids: readonly string[] | null;
  readonly journey_id: string | null;
  readonly location: Gps;
}

export interface MdsVehicleStatus {
  readonly device_id: string;
  readonly provider_id: string;
  readonly last_event: MdsEventRecord;
  readonly last_telemetry: MdsTelemetry;
}

export interface MdsTrip {
  readonly provider_id: string;
  readonly device_id: string;
  readonly trip_id: string;
  readonly journey_id: string;
  readonly trip_type: readonly ['private'];
  readonly trip_attributes: { readonly reservation_type: 'app' };
  readonly start_time: Instant;
  readonly end_time: Instant;
  readonly start_location: Gps;
  readonly end_location: Gps;
  /** Seconds. */
  readonly duration: number;
  /** Metres. */
  readonly distance: number;
  readonly publication_time: Instant;
  readonly fare_attributes?: { readonly payment_type: 'mobile_app'; readonly fare_type: 'meter_fare' };
  readonly actual_cost?: number;
  readonly currency?: string;
}

import type { Partner } from '../../partners/partner.ts';
import type { Market } from '../../registry/market.ts';
import type { Invoicing } from '../ledger/issuer.ts';
import type { OperatorId, SystemId } from '../sharing-id.ts';
import type { ChargeRules } from './charge-rules.ts';

/** Who runs a sharing service. */
export interface Operator {
  readonly operatorId: OperatorId;
  readonly name: string;
  /** Machine clients that act for it, beside those of the platform team. */
  readonly clientIds: readonly string[];
  /** Where persons turn to. */
  readonly email: string;
  readonly phone?: string;
  /** Days after which a verified licence is to be looked at again; absent: 180. */
  readonly licenceRecheckDays?: number;
  /** Whose own customers use its vehicles (docs/partners.md). */
  readonly partners?: readonly Partner[];
  /** What its invoices say of it; without it none is issued. */
  readonly invoicing?: Invoicing;
  readonly version: number;
}

/** A service in one city. GBFS 3.0: `system_information.json`. */
export interface SharingSystem {
  readonly systemId: SystemId;
  readonly operatorId: OperatorId;
  readonly name: string;
  /** In which its names are, as the public reads them: `de`, `pt-BR`. Absent: the market's (docs/feeds.md). */
  readonly language?: string;
  /** ISO 3166: whose VAT is charged. */
  readonly market: Market;
  /** IANA: `Europe/Berlin`. */
  readonly timeZone: string;
  /** ISO 4217; every plan of the system has it. */
  readonly currency: string;
  /** OpenStreetMap's opening hours are more than it takes: the hours of each weekday, or `24/7`. New holds alone are bound by them. */
  readonly openingHours: OpeningHours;
  /** No zone, station or place may lie outside: west, south, east, north in degrees. */
  readonly bounds: readonly [west: number, south: number, east: number, north: number];
  readonly holds: HoldRules;
  readonly vehicleTypes: readonly VehicleType[];
  /** What a driver pays for damage at the most, in minor units of `currency`; absent: nothing may be charged. */
  readonly damageExcess?: number;
  /** What is charged beside the bill of a trip. */
  readonly charges?: ChargeRules;
  /** Machine clients of the city that may read its mobility data (docs/mobility-data.md). Absent: none. */
  readonly agencyClientIds?: readonly string[];
  /** UUID under which the operator is registered with MDS, for this mode. Absent: one is made up. */
  readonly mdsProviderId?: string;
  readonly version: number;
}

/** Minutes of the day in the system's time zone, by weekday (1: Monday … 7: Sunday); `to` may reach 1440. Absent: closed. */
export type OpeningHours =
  | '24/7'
  | { readonly [weekday in 1 | 2 | 3 | 4 | 5 | 6 | 7]?: { readonly from: number; readonly to: number } };

export interface HoldRules {
  /** Minutes for which a vehicle is held. */
  readonly minutes: number;
  /** Minutes that each extension adds. */
  readonly extensionMinutes: number;
  /** How often one may extend. */
  readonly extensions: number;
}

/** GBFS 3.0: `vehicle_types.json`. */
export interface VehicleType {
  readonly vehicleTypeId: string;
  readonly name: string;
  readonly formFactor: 'car' | 'bicycle' | 'cargo_bicycle' | 'moped' | 'scooter_standing' | 'scooter_seated' | 'other';
  readonly propulsion: 'human' | 'electric_assist' | 'electric' | 'combustion' | 'hybrid' | 'plug_in_hybrid';
  /** Metres with a full battery or tank; absent for muscle power. */
  readonly maxRangeMeters?: number;
  readonly seats: number;
  /** Years of age that a driver needs. */
  readonly minimumAge: number;
  /** Class of licence that a driver needs (Directive 2006/126/EC); absent: none. */
  readonly licence?: 'AM' | 'A1' | 'B';
  /** Percent below which a vehicle leaves service by itself. */
  readonly minimumCharge: number;
  /** The plan of vehicles that have none of their own. */
  readonly planId: string;
}

/** A vehicle in a system. GBFS 3.0: what `vehicle_status.json` says of it that does not change by the minute. */
export interface FleetVehicle {
  readonly vehicleId: string;
  readonly systemId: SystemId;
  readonly operatorId: OperatorId;
  readonly vehicleTypeId: string;
  readonly planId?: string;
  /** What stands on it: a licence plate, a number on a frame. */
  readonly label: string;
  /**
   * `device`: it speaks for itself through the device SDK. `operator`: its operator's own client reports what it does.
   * `partner`: it is a partner's, who is asked.
   */
  readonly speaks: 'device' | 'operator' | 'partner';
  /** By which feed it was offered, where it is a partner's, and how they call it. */
  readonly partner?: string;
  readonly assetId?: string;
  /** The key that it signs its log with (SPKI, base64url); it comes with the first connection, and an operator may clear it. */
  readonly logKey?: string;
  readonly version: number;
}

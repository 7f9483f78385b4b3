import type { Page, PageRequest } from '#shared/kernel/paging.ts';
import type { CampaignId } from '#shared/ota/campaigns/campaign-id.ts';
import type { CertificateStatus } from '#shared/registry/consequences.ts';
import type { Home } from '#shared/registry/home.ts';
import type { HomeCloud } from '#shared/registry/move-ports.ts';
import type { Vehicle } from '#shared/registry/vehicle.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import type { PlatformTwins, TwinRepository } from '#shared/twins/twin-repository.ts';
import type { DeviceMessages } from '#shared/vehicle-cloud/device-messages.ts';
import type { FleetQuery } from '#shared/vehicle-cloud/fleet-query.ts';

/**
 * One hub, as the two functions call it that speak with hubs. Each call may be repeated. Failures are the domain's own:
 * `vehicle-not-provisioned` (conflict) where the hub does not know the vehicle, `hub-throttled` (unavailable, with
 * `retryAfter`), `hub-not-answering` (unavailable), `twin-not-acceptable`, `twin-too-large`.
 */
export interface HubCloud {
  /** @param epoch as the one who asks knows it: where the vehicle's tags hold a later one, nothing is done */
  vehiclesOf(epoch: number): HubVehicles;
  /** What a move asks for, under the epoch of this home. */
  homeOf(home: Home): HubHome;
  /** The host that vehicles connect to. */
  readonly host: string;
  readonly erasure: HubErasure;
  query(query: FleetQuery, page: PageRequest): Promise<Page<VehicleId>>;
}

export interface HubVehicles {
  readonly twins: TwinRepository & PlatformTwins;
  readonly messages: DeviceMessages;
  readonly access: HubAccess;
  readonly rollouts: HubRollouts;
}

/** As `HomeCloud` promises it. */
export interface HubHome extends Pick<HomeCloud, 'twinNames' | 'shutOut' | 'forget'> {
  /** @param thumbprint SHA-256 of the certificate (DER), hex */
  letIn(vehicle: HubVehicleName, thumbprint: string): Promise<void>;
}

/** What a hub is told of a vehicle. */
export interface HubVehicleName extends Pick<Vehicle, 'vehicleId'> {
  readonly brand: string;
  readonly market: string;
}

/** The identity's status is the gate: `ACTIVE` enables it, everything else disables it. */
export interface HubAccess {
  /** @param order the vehicle's version: what is older changes nothing */
  set(vehicleId: VehicleId, status: CertificateStatus, order: number): Promise<void>;
  disconnect(vehicleId: VehicleId): Promise<void>;
}

/** Whether a vehicle may go on with a campaign's update, in its twin. */
export interface HubRollouts {
  /** @param order the version of the vehicle's update: what is older changes nothing */
  join(vehicleId: VehicleId, campaignId: CampaignId, releasedAt: number, order: number): Promise<void>;
  leave(vehicleId: VehicleId, campaignId: CampaignId, order: number): Promise<void>;
}

export interface HubErasure {
  /** Keys by which `erase` finds what is there. A vehicle that the hub does not know has none. */
  find(
    vehicleId: VehicleId,
    what: 'twins' | 'identity',
    after: string | undefined,
  ): Promise<{ readonly keys: readonly string[]; readonly next?: string }>;
  erase(vehicleId: VehicleId, what: 'twins' | 'identity', keys: readonly string[]): Promise<void>;
}

/** @throws Error for a home that is none of this deployment's */
export type HubOf = (home: Home['name']) => HubCloud;

import type { CommandChannel } from '../commands/command-channel.ts';
import type { TwinRepository } from '../twins/twin-repository.ts';
import type { Copied } from '../twins/wish-copy.ts';
import type { HomeNotice } from '../vehicle-cloud/home-notice.ts';
import type { Home } from './home.ts';
import type { Obstacle } from './move.ts';
import type { Vehicle } from './vehicle.ts';
import type { VehicleId } from './vehicle-id.ts';

/**
 * A device cloud, under one epoch of a vehicle's. Each call may come twice, and late: where the vehicle is known there
 * under a later epoch, it changes nothing.
 */
export interface HomeCloud {
  readonly twins: TwinRepository;
  readonly commands: CommandChannel;
  /** Of every twin that somebody has desired something in. */
  twinNames(vehicleId: VehicleId): Promise<readonly string[]>;
  /**
   * What the vehicle connects with, PEM.
   *
   * @throws Failure unavailable, as long as the vehicle has not told it where the device cloud does not keep it
   */
  certificateOf(vehicle: Vehicle): Promise<string>;
  /** Knows the vehicle from now on, and lets in who proves to be it by this certificate. */
  letIn(vehicle: Vehicle, certificatePem: string): Promise<void>;
  /** What the vehicle has to be told so that it comes. */
  notice(vehicleId: VehicleId): Promise<HomeNotice>;
  /** Nobody gets in as this vehicle any more, and who is in is out. */
  shutOut(vehicleId: VehicleId): Promise<void>;
  /** Removes the identity and all that hangs on it. */
  forget(vehicleId: VehicleId): Promise<void>;
}

/** What was copied for a vehicle's move. */
export interface WishCopies {
  /** By the name of the twin. @param epoch of the move */
  load(vehicleId: VehicleId, epoch: number): Promise<ReadonlyMap<string, Copied>>;
  save(vehicleId: VehicleId, epoch: number, name: string, copy: Copied): Promise<void>;
  clear(vehicleId: VehicleId, epoch: number): Promise<void>;
}

/** What the platform itself has to say to a vehicle: offers, releases, what it admits as a shared one. */
export interface PlatformWord {
  /** All of it once more, as it stands, to where the vehicle is at home. */
  sayAgain(vehicleId: VehicleId): Promise<void>;
}

/** Who knows what a vehicle must not be disturbed in. */
export interface Obstacles {
  of(vehicleId: VehicleId): Promise<Obstacle | undefined>;
}

/** The device clouds of the deployment; undefined where it has no such one. */
export type HomeClouds = (home: Home) => HomeCloud | undefined;

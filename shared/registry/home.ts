import type { Instant } from '../kernel/clock.ts';
import { Failure } from '../kernel/failure.ts';
import type { Brand } from './brand.ts';
import type { VehicleId } from './vehicle-id.ts';

/** One of the device clouds that a deployment has. The domain compares names and knows nothing else of them. */
export type HomeName = string & { readonly homeName: unique symbol };

/** The device cloud in which a vehicle is known and connects. */
export interface Home {
  readonly name: HomeName;
  /** Rises with each move: what a former home says late is told from what the present one says. */
  readonly epoch: number;
}

/** Where a vehicle is at home, and whether it is on its way elsewhere. */
export interface VehicleHome extends Home {
  readonly move?: Move;
  /** Of the last move that was taken back: no other one gets this epoch, so that nothing late passes for its arrival. */
  readonly tried?: number;
  /** What became of that move, for whoever asked for it. */
  readonly stayed?: Stayed;
}

/** Why a vehicle has not moved, or is not to: somebody said so, it did not come, it was refused there, it is let in nowhere. */
export type Hindrance =
  | { readonly reason: 'called-back' | 'timed-out' | 'shut-out' }
  /** `code`: of the failure. */
  | { readonly reason: 'refused'; readonly code: string };

export interface Stayed {
  readonly to: HomeName;
  readonly at: Instant;
  readonly why: Hindrance;
}

/**
 * asked → prepared → told → arrived → settled → cleared, after which there is no move any more; or, from anywhere before
 * `arrived`, returning. `shared/registry/move.ts` knows what has to be done at each step.
 */
export type Move =
  | {
      readonly step: 'asked' | 'prepared' | 'told';
      readonly to: Home;
      readonly since: Instant;
      /** Who has not arrived by then stays where it is. */
      readonly deadline: Instant;
    }
  | { readonly step: 'returning'; readonly to: Home; readonly since: Instant; readonly why: Hindrance }
  /** The vehicle's home is the new one already; `at`: when it came there, or since when nobody needs the former one. */
  | { readonly step: 'arrived' | 'settled' | 'cleared'; readonly from: Home; readonly at: Instant };

/** How vehicles are spread over the device clouds of a deployment. */
export interface Homes {
  /** All there are, the first one among them. */
  readonly names: readonly HomeName[];
  /**
   * Where a new vehicle is at home unless its registration names a home; undefined for the first one. The same vehicle
   * always gets the same answer, whoever asks.
   */
  forNew(brand: Brand, vehicleId: VehicleId): HomeName | undefined;
}

const slug = /^[a-z0-9]+(-[a-z0-9]+)*$/;

export function isHomeName(text: string): text is HomeName {
  return text.length <= 32 && slug.test(text);
}

/** @throws RangeError for what is no name */
export function homeName(text: string): HomeName {
  if (!isHomeName(text)) throw new RangeError(`'${text}' is no name of a home`);
  return text;
}

/** The device cloud that every deployment has. A vehicle without a home is there, and has never been elsewhere. */
export const firstHome = homeName('first');

/** Of a deployment that has no other one. */
export const firstHomeAlone: Homes = { names: [firstHome], forNew: () => undefined };

/** @param pointer where somebody has named it */
export function noSuchHome(name: HomeName, homes: readonly HomeName[], pointer: string): Failure {
  return new Failure('unacceptable', 'home-unknown', `There is no home called ${name} here.`, {
    resolution:
      homes.length > 1
        ? `The homes are ${homes.join(', ')}.`
        : `This deployment has one home, ${homes.join()}: there is no other one to be at, or to move to.`,
    errors: [{ pointer, detail: 'names no home of this deployment' }],
  });
}

export function homeOf({ home }: { readonly home?: Home }): Home {
  return home === undefined ? { name: firstHome, epoch: 0 } : { name: home.name, epoch: home.epoch };
}

/** Where the vehicle may turn up next; undefined where it is not on its way. */
export function destinationOf({ home }: { readonly home?: VehicleHome }): Home | undefined {
  const { move } = home ?? {};
  return move?.step === 'asked' || move?.step === 'prepared' || move?.step === 'told' ? move.to : undefined;
}

/**
 * Whether what a device cloud says of a vehicle comes from where the vehicle is at home.
 *
 * @param from absent: the first home, which counts no epochs
 */
export function isFromHome(vehicle: { readonly home?: Home }, from: Home | undefined): boolean {
  const { name, epoch } = homeOf(vehicle);
  return name === (from?.name ?? firstHome) && (from === undefined || from.epoch >= epoch);
}

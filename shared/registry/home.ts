import type { Brand } from './brand.ts';

/** One of the device clouds that a deployment has. The domain compares names and knows nothing else of them. */
export type HomeName = string & { readonly homeName: unique symbol };

/** The device cloud in which a vehicle is known and connects. */
export interface Home {
  readonly name: HomeName;
  /** Rises with each move: what a former home says late is told from what the present one says. */
  readonly epoch: number;
}

/** Where the vehicles of a brand are at home; undefined for the first home. */
export type Homes = (brand: Brand) => HomeName | undefined;

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

export function homeOf({ home }: { readonly home?: Home }): Home {
  return home ?? { name: firstHome, epoch: 0 };
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

import type { Place } from '../zones/zone.ts';

/** Mean radius of the Earth, metres (IUGG). */
const earthRadius = 6_371_008.8;
const radians = Math.PI / 180;

/** Metres on a great circle. */
export function distanceBetween(one: Place, other: Place): number {
  const [phi, psi] = [one.latitude * radians, other.latitude * radians];
  const [across, along] = [(psi - phi) / 2, ((other.longitude - one.longitude) * radians) / 2];
  const haversine = Math.sin(across) ** 2 + Math.cos(phi) * Math.cos(psi) * Math.sin(along) ** 2;
  return 2 * earthRadius * Math.asin(Math.min(1, Math.sqrt(haversine)));
}

/** Half the height and width, in degrees, of a box around a circle: whatever is outside it is farther away. */
export function boxAround({ latitude }: Place, meters: number): { readonly height: number; readonly width: number } {
  const height = meters / earthRadius / radians;
  // Meridians draw together towards the pole: the narrowest end of the box decides.
  const narrowest = Math.cos(Math.min(90, Math.abs(latitude) + height) * radians);
  return { height, width: narrowest > 1e-6 ? Math.min(180, height / narrowest) : 180 };
}

/** Streets are no straight lines: in European cities one walks some 1.3 times as far as the crow flies. */
export const detour = 1.3;
/** Metres in a minute: 4.8 km/h, an unhurried pace. */
export const pace = 80;

export interface Walk {
  /** Whole metres, as one walks. */
  readonly meters: number;
  /** Begun ones. */
  readonly minutes: number;
}

/** An estimate, without a map. @param straight metres as the crow flies */
export function walkOf(straight: number): Walk {
  const meters = Math.round(straight * detour);
  return { meters, minutes: Math.ceil(meters / pace) };
}

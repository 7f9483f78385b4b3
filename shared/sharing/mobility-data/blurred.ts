import type { Place } from '../zones/zone.ts';
import type { ToldEvent } from './told-event.ts';

/**
 * What is left of an event when its driver's data are erased: where it was to about a kilometre, so that a city's history
 * still leads from state to state and nobody's address is in it.
 */
export function blurred(told: ToldEvent): ToldEvent {
  const { where, began } = told;
  return {
    ...told,
    ...(where !== undefined && { where: blurredPlace(where) }),
    ...(began !== undefined && {
      began: { ...began, ...(began.where !== undefined && { where: blurredPlace(began.where) }) },
    }),
  };
}

function blurredPlace({ latitude, longitude }: Place): Place {
  return { latitude: Number(latitude.toFixed(2)), longitude: Number(longitude.toFixed(2)) };
}

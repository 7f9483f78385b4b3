import { Failure } from '../../kernel/failure.ts';

export function partnerRefused(detail: string): Failure {
  const said = detail === '' ? '' : ` It says: ${detail}`;
  return new Failure('conflict', 'partner-refused', `The partner whose vehicle it is will not.${said}`, {
    resolution: 'Search again: another may stand near. Nothing is held, and nothing is charged.',
  });
}

export function partnerUnavailable(): Failure {
  return new Failure('unavailable', 'partner-unavailable', 'The partner whose vehicle it is does not answer.', {
    resolution: 'Take another vehicle, or ask again in a while. What was not there before is not held.',
    retryAfter: 10,
  });
}

export function notAPartners(): Failure {
  return new Failure('conflict', 'vehicle-opens-otherwise', 'The vehicle is no partner’s: it is opened otherwise.', {
    resolution: 'Get a key with POST …/key, or open it as the operator says.',
  });
}

export function rideNotPossible(detail: string): Failure {
  return new Failure('conflict', 'ride-not-possible', `The partner will not do that now. It says: ${detail}`, {
    resolution: 'GET …/reservations says whether it is held, driven or paused.',
  });
}

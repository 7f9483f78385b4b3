import { Failure } from '../../kernel/failure.ts';

export function deviceNotFound(): Failure {
  return new Failure('not-found', 'device-not-found', 'The city has no such vehicle.', {
    resolution: 'GET /v1/mds/{systemId}/vehicles lists them. A status needs a place that the vehicle has told.',
  });
}

export function emptyRange(): Failure {
  return new Failure('invalid', 'empty-range', '`start_time` is not before `end_time`.', {
    errors: [{ pointer: 'end_time', detail: 'is not after `start_time`' }],
  });
}

export function rangeNotRecent(): Failure {
  return new Failure('invalid', 'range-not-recent', 'The range begins more than two weeks ago.', {
    resolution: 'Ask GET /v1/mds/{systemId}/events/historical for the hours before.',
    errors: [{ pointer: 'start_time', detail: 'is more than two weeks ago' }],
  });
}

export function badCursor(): Failure {
  return new Failure('invalid', 'bad-cursor', 'The cursor is not from a page of this query.');
}

export function hourAhead(): Failure {
  return new Failure('not-found', 'hour-ahead', 'The hour is not over yet.', {
    resolution: 'Ask again when it is; GET /v1/mds/{systemId}/events/recent tells what has happened by now.',
  });
}

export function hourBeforeService(): Failure {
  return new Failure('not-found', 'hour-before-service', 'Nobody was operating in the city in that hour.');
}

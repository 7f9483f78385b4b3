/** What is said of the failures around what cities are told; part of the problem catalogue. */
export const mobilityFailures = {
  'device-not-found': {
    kind: 'not-found',
    when: 'The city has no such vehicle; or it has no status, as it has never said where it is.',
    remedy: 'List them with `GET /v1/mds/{systemId}/vehicles`.',
  },
  'range-not-recent': {
    kind: 'invalid',
    when: 'Recent events reach two weeks back, and the range begins before that.',
    remedy: 'Ask `GET /v1/mds/{systemId}/events/historical` for hours before.',
  },
  'hour-ahead': {
    kind: 'not-found',
    when: 'The hour is not over yet.',
    remedy: 'Ask again when it is; `GET /v1/mds/{systemId}/events/recent` tells what has happened by now.',
  },
  'hour-before-service': {
    kind: 'not-found',
    when: 'Nobody was operating in the city in that hour.',
    remedy: 'Ask for later hours.',
  },
} as const;

/** What is said of the failures around cases of assistance; part of the problem catalogue. */
export const caseFailures = {
  'case-not-found': {
    kind: 'not-found',
    when: 'There is no such case among those of the client’s brands.',
    remedy: 'List the open ones with `GET /v1/cases`.',
  },
  'case-closed': {
    kind: 'conflict',
    when: 'The case is closed.',
    remedy: 'Hand the vehicle over again with `POST /v1/cases`, if it still needs somebody.',
  },
  'vehicle-unsafe': {
    kind: 'conflict',
    when: 'The vehicle must not be driven, and stands where nobody looks at it.',
    remedy: 'Have it towed and mark its case so; then it may try again, or be closed.',
  },
} as const;

/** What is said of the failures of requests as such, whatever they ask for; part of the problem catalogue. */
export const requestFailures = {
  'malformed-body': {
    kind: 'invalid',
    when: 'The body is not JSON in UTF-8.',
    remedy: 'Send the body as JSON.',
  },
  'invalid-body': {
    kind: 'invalid',
    when: 'The body is JSON, but not what its schema asks for.',
    remedy: 'Correct the members that `errors` names by their JSON pointers.',
  },
  'invalid-parameter': {
    kind: 'invalid',
    when: 'A query parameter is not valid, not known, or there twice.',
    remedy: 'Correct the parameters that `errors` names.',
  },
  'invalid-header': {
    kind: 'invalid',
    when: 'A header is not of its form; an `Idempotency-Key` may not be empty.',
    remedy: 'Correct the headers that `errors` names.',
  },
  'idempotency-key-missing': {
    kind: 'invalid',
    when: 'The operation would do another time what is only tried again: it needs an `Idempotency-Key`.',
    remedy: 'Send a new key with each request that is meant, and the same one with each try of it.',
  },
  'bad-cursor': {
    kind: 'invalid',
    when: 'The cursor is not from a page of this very query.',
    remedy: 'Send `nextCursor` unchanged, with the same parameters; or begin again without it.',
  },
  'empty-range': {
    kind: 'invalid',
    when: '`from` is not before `to`.',
    remedy: 'Ask for a range that has a length.',
  },
  'not-found': {
    kind: 'not-found',
    when: 'The path leads nowhere, or an identifier in it is none.',
    remedy: 'Compare the path with the operation’s.',
  },
  'operation-in-progress': {
    kind: 'conflict',
    when: 'The first request with this `Idempotency-Key` is still running.',
    remedy: 'Send the same request again after `Retry-After`.',
  },
  'body-too-large': {
    kind: 'too-large',
    when: 'The body is larger than 64 KiB, or than what `detail` names.',
    remedy: 'Send less at once.',
  },
  'idempotency-key-reused': {
    kind: 'unacceptable',
    when: 'The `Idempotency-Key` belongs to a request with another method, path or body.',
    remedy: 'Use a new key for a new request.',
  },
  'quota-exceeded': {
    kind: 'throttled',
    when: 'The client, or the person, asks more often than its quota allows. Nothing was done.',
    remedy:
      'Send the same request again after `Retry-After`; `RateLimit-Policy` says what is allowed, `RateLimit` what is left.',
  },
  'circuit-open': {
    kind: 'throttled',
    when: 'The client is shut out for a time: it kept asking without waiting, or sent hardly anything but requests that cannot succeed.',
    remedy: 'Stop, mend the program, and come back after `Retry-After`; each time in a row lasts twice as long.',
  },
  overloaded: {
    kind: 'unavailable',
    when: 'A part of the platform is overloaded. Nothing was changed, or the same request continues it.',
    remedy: 'Send the same request again after `Retry-After`, with the same `Idempotency-Key`.',
  },
  'audit-unavailable': {
    kind: 'unavailable',
    when: 'The change could not be written into the audit first. Nothing was done.',
    remedy: 'Send the same request again after `Retry-After`.',
  },
  contended: {
    kind: 'unavailable',
    when: 'Others keep changing the same thing at the same time. Nothing was changed.',
    remedy: 'Send the same request again after `Retry-After`.',
  },
} as const;

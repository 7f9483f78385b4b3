/** What is said of the failures of who asks, and what they may; part of the problem catalogue. */
export const accessFailures = {
  'unknown-brand': {
    kind: 'invalid',
    when: 'This platform has no such brand.',
    remedy: 'Take one of those that `resolution` lists.',
  },
  'scope-missing': {
    kind: 'forbidden',
    when: 'The token lacks a scope that the operation, or a part of the answer, needs.',
    remedy: 'Ask for a token with the scope that `detail` names; the client has to be allowed it.',
  },
  'client-token-needed': {
    kind: 'forbidden',
    when: 'A person’s token came where only partners’ systems may ask.',
    remedy: 'Ask with a token of a machine client (client credentials).',
  },
  'person-token-needed': {
    kind: 'forbidden',
    when: 'A machine’s token came where only a person may ask.',
    remedy: 'Let the person sign in and ask with their access token.',
  },
  'sign-in-too-old': {
    kind: 'forbidden',
    when: 'What cannot be undone asks for a sign-in of the last ten minutes; the token’s is older (`auth_time`).',
    remedy: 'Let the person sign in again (`prompt=login`) and ask with the new access token; renewing is not enough.',
  },
  'every-brand-needed': {
    kind: 'forbidden',
    when: 'It concerns persons, or the platform as a whole, and the client acts for some brands only.',
    remedy: 'Ask with a client of the platform’s operator.',
  },
  'brand-not-allowed': {
    kind: 'forbidden',
    when: 'The client does not act for this brand.',
    remedy: 'Leave the brand out to see your own; the operator of the platform gives brands to clients.',
  },
  'client-not-found': {
    kind: 'not-found',
    when: 'No client of this id was ever let in or seen.',
    remedy: 'Compare the id with the issuer’s.',
  },
  'signature-replayed': {
    kind: 'conflict',
    when: 'The very same signature was taken before.',
    remedy: 'Sign anew with each attempt, under another `webhook-id`.',
  },
  'issuer-unreachable': {
    kind: 'unavailable',
    when: 'The issuer of the tokens does not say where they are had: this page and its document wait for it.',
    remedy: 'Load the page again after `Retry-After`.',
  },
} as const;

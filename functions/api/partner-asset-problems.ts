/** What is said of the failures around partners whose vehicles are offered here; part of the problem catalogue. */
export const partnerAssetFailures = {
  'partner-feed-not-found': {
    kind: 'not-found',
    when: 'The city offers no partner of this id.',
    remedy: 'List them with `GET /v1/sharing/systems/{systemId}/partner-feeds`.',
  },
  'partner-feed-known-otherwise': {
    kind: 'conflict',
    when: 'The city offers a partner of this id, with other data.',
    remedy: 'Change it with PATCH, or take another id.',
  },
  'partner-url-refused': {
    kind: 'invalid',
    when: 'Partners are called over https in the public network, on port 443 or 8443: a URL says, or leads, otherwise.',
    remedy: 'Name URLs of hosts in the public network; `errors` says what is wrong with these.',
  },
  'partner-types-not-usable': {
    kind: 'invalid',
    when: 'A type of the partner is named twice, or is to be shown as a type or at a plan that the city has not.',
    remedy: 'Correct what `errors` names; types and plans of the city come first.',
  },
  'partner-refused': {
    kind: 'conflict',
    when: 'The vehicle is a partner’s, and the partner will not give it, or not for longer.',
    remedy: 'Search again. Nothing is held, and nothing is charged; what was held before stays as it was.',
  },
  'partner-unavailable': {
    kind: 'unavailable',
    when: 'The vehicle is a partner’s, and the partner does not answer.',
    remedy: 'Take another, or ask again after `Retry-After`. What the partner may have kept is given back.',
  },
  'vehicle-opens-otherwise': {
    kind: 'conflict',
    when: 'The vehicle is no partner’s.',
    remedy: 'Get a key with `POST …/key`, or open it as its operator says.',
  },
  'ride-not-possible': {
    kind: 'conflict',
    when: 'The partner will not open, lock or end it now, as where it is not in the state for it, or where it stands.',
    remedy: 'The problem’s `detail` tells what the partner says; `GET …/reservations` what is known.',
  },
} as const;

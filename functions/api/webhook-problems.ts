/** What is said of the failures around webhooks; part of the problem catalogue. */
export const webhookFailures = {
  'webhook-not-found': {
    kind: 'not-found',
    when: 'The client has no such webhook.',
    remedy: 'List them with `GET /v1/webhooks`.',
  },
  'webhook-url-refused': {
    kind: 'invalid',
    when: 'Messages are sent over https to the public network, on port 443 or 8443: the URL says, or leads, otherwise.',
    remedy: 'Name the URL of a host in the public network; `errors` says what is wrong with this one.',
  },
  'webhook-subject-missing': {
    kind: 'invalid',
    when: 'The types of events want to know whose events: an operator’s or a brand’s.',
    remedy: 'Name `operatorId` for `sharing.…`, `brand` for `vehicle.…`.',
  },
  'webhooks-too-many': {
    kind: 'conflict',
    when: 'The client has as many webhooks as a client may have.',
    remedy: 'Delete one, or let one webhook hear several types.',
  },
  'webhook-disabled': {
    kind: 'conflict',
    when: 'The webhook is switched off: by its client, by its receiver’s 410, or after days of failures.',
    remedy: 'Switch it on with `PATCH /v1/webhooks/{webhookId}` and `{"enabled": true}`.',
  },
  'webhook-delivery-not-found': {
    kind: 'not-found',
    when: 'The webhook has no such delivery, or it is older than 14 days.',
    remedy: 'List them with `GET /v1/webhooks/{webhookId}/deliveries`.',
  },
} as const;

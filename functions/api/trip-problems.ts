/** What is said of the failures around trips and what they cost; part of the problem catalogue. */
export const tripFailures = {
  'trip-not-found': {
    kind: 'not-found',
    when: 'There is no such trip among those of the person, or of the client’s operators.',
    remedy:
      'List them first: the vehicle’s with `GET /v1/sharing/vehicles/{vehicleId}/trips`, a person’s with `GET /v1/me/sharing/{operatorId}/trips`.',
  },
  'trip-not-to-review': {
    kind: 'conflict',
    when: 'There is nothing to decide about the trip: it goes its way, or it was decided.',
    remedy: 'Give back what was charged (`…/refunds`), or forgive what is owed (`…/forgiveness`).',
  },
  'trip-end-unknown': {
    kind: 'unacceptable',
    when: 'The vehicle told of no end of the trip, so that nothing says what it costs.',
    remedy: 'Say when it is taken to have ended (`endedAt`), or waive it.',
  },
  'trip-amount-unknown': {
    kind: 'unacceptable',
    when: 'The vehicle is a partner’s, who has named no price that could be charged.',
    remedy: 'Say what it costs (`amount`), or waive it.',
  },
  'trip-amount-not-possible': {
    kind: 'unacceptable',
    when: '`amount` was said of a trip with a vehicle of the operator’s own, which its plan bills.',
    remedy: 'Leave it out: settle to an earlier end, waive it, or refund part of it.',
  },
  'trip-end-impossible': {
    kind: 'unacceptable',
    when: '`endedAt` is before the start, later than now, or later than the end that the vehicle told of.',
    remedy: 'Name a time between them.',
  },
  'nothing-owed': {
    kind: 'conflict',
    when: 'Nothing is owed for the trip.',
    remedy: 'Look at the trip: `payment` says how it stands.',
  },
  'debt-not-paid': {
    kind: 'conflict',
    when: 'The payment provider declined the payment. What was owed is owed as before.',
    remedy: 'Try another payment method, with a new Idempotency-Key.',
  },
  'payment-method-missing': {
    kind: 'unacceptable',
    when: 'Neither the request nor the account says how to pay.',
    remedy: 'Name a payment method.',
  },
  'refund-too-high': {
    kind: 'conflict',
    when: 'More would be given back than was taken, together with earlier refunds.',
    remedy: 'Give back what `errors` says is left, or less.',
  },
  'refund-refused': {
    kind: 'conflict',
    when: 'The payment provider refused the refund.',
    remedy: 'Look into the provider’s own ledger, and give back in another way.',
  },
  'payment-unavailable': {
    kind: 'unavailable',
    when: 'The payment provider did not answer, and may have done it all the same.',
    remedy: 'Repeat the request with the same Idempotency-Key: nothing is paid twice.',
  },
} as const;

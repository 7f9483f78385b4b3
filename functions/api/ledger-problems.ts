/** What is said of the failures around invoices, charges, businesses and accounts; part of the problem catalogue. */
export const ledgerFailures = {
  'invoicing-not-set-up': {
    kind: 'conflict',
    when: 'The operator has not said who issues its invoices. Nothing is lost: what waits is issued when it has.',
    remedy: 'Set `invoicing` with `PATCH /v1/sharing/operators/{operatorId}`, and ask again.',
  },
  'invoice-recipient-missing': {
    kind: 'conflict',
    when: 'An invoice of this amount has to say to whom it is (in euros above 250).',
    remedy: 'Say name and address with `POST /v1/me/sharing/{operatorId}/invoice-recipient`, and ask again.',
  },
  'nothing-to-invoice': {
    kind: 'conflict',
    when: 'The trip is not settled or costs nothing; or a business, or the invoice of a partner, has it. Or the month of a business came to nothing or less, and was carried to the next one.',
    remedy: 'Look at the trip: it says how it is paid; of a business, at its months.',
  },
  'invoice-not-found': {
    kind: 'not-found',
    when: 'There is no invoice or credit note of this number among those of the person, or of the operator.',
    remedy: 'List them first.',
  },
  'charge-not-found': {
    kind: 'not-found',
    when: 'There is no such charge of the person, or of the operator.',
    remedy: 'List them first.',
  },
  'charge-known-otherwise': {
    kind: 'conflict',
    when: 'There is a charge of this id already, of something else.',
    remedy: 'Use another Idempotency-Key.',
  },
  'excess-exceeded': {
    kind: 'conflict',
    when: 'A damage costs a driver no more than the `damageExcess` of the system; without one, nothing.',
    remedy: 'Charge no more than `errors` says.',
  },
  'dispute-too-late': {
    kind: 'conflict',
    when: 'The days within which a charge may be disputed are over.',
    remedy: 'Turn to the operator.',
  },
  'charge-disputed-before': {
    kind: 'conflict',
    when: 'The charge was disputed before, with other words.',
    remedy: 'Wait for the decision.',
  },
  'charge-not-disputed': {
    kind: 'conflict',
    when: 'There is no open dispute that could be turned down.',
    remedy: '`reduce` or `waive` need none.',
  },
  'credit-above-invoice': {
    kind: 'conflict',
    when: 'More would be taken off than was charged, together with what was taken off before; or nothing.',
    remedy: 'Take off what `errors` says is left, or less.',
  },
  'no-trip-then': {
    kind: 'conflict',
    when: 'Nobody had the vehicle at that time. The answer says when the trips nearby ended and began, and whose none.',
    remedy: 'Look whether time, zone and plate are those of the offence.',
  },
  'only-held-then': {
    kind: 'conflict',
    when: 'Somebody had reserved the vehicle, and had not opened it.',
    remedy: 'Who parked it is whoever had it before: charge them by their trip.',
  },
  'plate-unknown': {
    kind: 'not-found',
    when: 'No vehicle of the operator has this plate now.',
    remedy: 'Name the vehicle by `vehicleId`.',
  },
  'time-ambiguous': {
    kind: 'unacceptable',
    when: 'When the clocks change, a local time is twice, or never.',
    remedy: 'Say the time with its offset from UTC.',
  },
  'business-not-found': {
    kind: 'not-found',
    when: 'There is no such business account, or the person is no member of it.',
    remedy: 'List them first.',
  },
  'business-known-otherwise': {
    kind: 'conflict',
    when: 'There is a business account of this id already, with other data.',
    remedy: 'Change it, or choose another id.',
  },
  'not-a-member': {
    kind: 'forbidden',
    when: 'The person may not travel at the cost of this business: they never joined, or have left.',
    remedy: 'Leave `billTo` out to pay oneself.',
  },
  'business-debt-open': {
    kind: 'conflict',
    when: 'The business has not paid a former invoice.',
    remedy: 'Leave `billTo` out to pay oneself.',
  },
  'business-cannot-pay': {
    kind: 'conflict',
    when: 'The vehicle is in a city of another currency than the business’s, or is a partner’s, who invoices it.',
    remedy: 'Leave `billTo` out to pay oneself.',
  },
  'invitation-not-found': {
    kind: 'not-found',
    when: 'There is no such invitation, or it was taken, or is over.',
    remedy: 'Ask the business for a new one.',
  },
  'receipt-day-wrong': {
    kind: 'unacceptable',
    when: 'Money is said to have come before it was asked for, or on a day that has not come.',
    remedy: 'Say the day from which the bank counts it, by the clock of the city.',
  },
  'month-not-over': {
    kind: 'conflict',
    when: 'A month is invoiced when it is over by the clock of the city.',
    remedy: 'Ask again then.',
  },
} as const;

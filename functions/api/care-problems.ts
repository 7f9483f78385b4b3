/** What is said of the failures of care: photos, damage, lost property, cards, support; part of the problem catalogue. */
export const careFailures = {
  'photo-too-large': {
    kind: 'too-large',
    when: 'The order says that the photo has more than 10,000,000 bytes. Nothing was sent yet.',
    remedy: 'Send it smaller.',
  },
  'photo-type-not-accepted': {
    kind: 'invalid',
    when: 'The file is neither JPEG, PNG, WebP nor HEIC.',
    remedy: 'Send one of these.',
  },
  'photos-too-many': {
    kind: 'conflict',
    when: 'There are twelve photos of this use already.',
    remedy: 'Go on without: what is there is kept.',
  },
  'photo-not-found': {
    kind: 'not-found',
    when: 'There is no such photo of this use, licence or damage.',
    remedy: 'List the photos.',
  },
  'photo-not-there': {
    kind: 'conflict',
    when: 'The photo was ordered, and the store has nothing of it.',
    remedy: 'Send it to its address; order it again where that is over.',
  },
  'photo-refused': {
    kind: 'unacceptable',
    when: 'The first bytes of what arrived are not those of the type that was said. It was deleted.',
    remedy: 'Order it again with the type that it has.',
  },
  'photo-moment-over': {
    kind: 'conflict',
    when: 'Photos of this moment are not taken now: of the start while one has the vehicle, of the end until 30 minutes after it, of damage and receipts until a day after it.',
    remedy: 'Send it as of another moment, or turn to the operator.',
  },
  'report-too-late': {
    kind: 'conflict',
    when: 'The use is over for too long (damage, expenses: a day; lost items: sixty days), or, for dirt, began more than ten minutes ago.',
    remedy: 'Turn to the operator, whose staff can put it down.',
  },
  'damage-not-found': {
    kind: 'not-found',
    when: 'The operator knows of no such damage.',
    remedy: 'List those of the vehicle.',
  },
  'damage-decided': {
    kind: 'conflict',
    when: 'The damage was decided otherwise before.',
    remedy: 'Look at it; what was charged is waived or reduced in the ledger.',
  },
  'liability-incomplete': {
    kind: 'unacceptable',
    when: 'Somebody is to pay, and the request does not say for which use, or how much.',
    remedy: 'Name `reservationId` and `amount`.',
  },
  'use-unknown': {
    kind: 'unacceptable',
    when: 'The vehicle was not driven under this reservation before the report, or by the one who reported it.',
    remedy: 'Take a use of this vehicle.',
  },
  'damage-excess-unknown': {
    kind: 'conflict',
    when: 'The city has no `damageExcess`, so nobody has agreed to pay anything.',
    remedy: 'Set it to what the city’s terms say.',
  },
  'damage-excess-exceeded': {
    kind: 'unacceptable',
    when: 'The amount is above the excess of the city.',
    remedy: 'Charge the excess, or less.',
  },
  'dirt-not-found': {
    kind: 'not-found',
    when: 'The operator knows of no such report.',
    remedy: 'List those that are open.',
  },
  'dirt-decided': {
    kind: 'conflict',
    when: 'The report was decided otherwise before.',
    remedy: 'Look at it.',
  },
  'lost-item-not-found': {
    kind: 'not-found',
    when: 'There is no such lost or found item with this operator.',
    remedy: 'List them.',
  },
  'lost-item-step-impossible': {
    kind: 'conflict',
    when: 'The item is not where this step begins.',
    remedy: 'lost or found → matched → returned; what was found may be disposed of.',
  },
  'lost-items-do-not-fit': {
    kind: 'unacceptable',
    when: 'The two are not one lost and one found item of one vehicle, at times that fit.',
    remedy: 'Take one of `suggestions`.',
  },
  'card-not-found': {
    kind: 'not-found',
    when: 'No charge or fuel card goes with the vehicle.',
    remedy: 'Pay, and report the expense with its receipt.',
  },
  'card-only-in-trip': {
    kind: 'conflict',
    when: 'The card is shown to the driver of a running trip, and to nobody else.',
    remedy: 'Start the trip.',
  },
  'card-asked-too-often': {
    kind: 'throttled',
    when: 'The PIN was shown five times within this hour.',
    remedy: 'Wait as `Retry-After` says.',
  },
  'receipt-reported': {
    kind: 'conflict',
    when: 'The photo is the receipt of an expense that was reported before, of another kind or amount.',
    remedy: 'Photograph the receipt of this one.',
  },
  'expense-not-found': {
    kind: 'not-found',
    when: 'The operator knows of no such expense.',
    remedy: 'List those that are open.',
  },
  'expense-decided': {
    kind: 'conflict',
    when: 'The expense was decided otherwise before.',
    remedy: 'Look at it.',
  },
  'support-opening-impossible': {
    kind: 'conflict',
    when: 'The vehicle is not in a paused trip, is not heard of, or is opened by its operator’s own means. When in doubt it stays as it is.',
    remedy: 'Send somebody to it.',
  },
  'support-opening-too-often': {
    kind: 'throttled',
    when: 'Support has opened vehicles as often as it may within this hour: three times for a trip, twenty for a client.',
    remedy: 'Wait as `Retry-After` says, or send somebody.',
  },
  'licence-photos-missing': {
    kind: 'conflict',
    when: 'The person has not sent both sides of a licence, or was never verified.',
    remedy: 'Ask them for photos, or verify them by the papers.',
  },
} as const;

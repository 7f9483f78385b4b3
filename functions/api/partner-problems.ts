/** What is said of the failures around what partners book; part of the problem catalogue. */
export const partnerFailures = {
  'offer-not-found': {
    kind: 'not-found',
    when: 'The partner has no such offer in this city.',
    remedy: 'Search again: `POST …/processes/search-offers/execution`.',
  },
  'offer-expired': {
    kind: 'conflict',
    when: 'The offer was good for five minutes, and is no longer.',
    remedy: 'Search again.',
  },
  'offer-used': {
    kind: 'conflict',
    when: 'The offer was bought before, for another traveller.',
    remedy: 'Search again: each offer is bought once.',
  },
  'offer-outdated': {
    kind: 'conflict',
    when: 'The vehicle has another price or is of another type by now.',
    remedy: 'Search again, and show the traveller what it costs now.',
  },
  'package-not-found': {
    kind: 'not-found',
    when: 'The partner has no such package in this city.',
    remedy: 'List them with `GET …/collections/packages/items`.',
  },
  'leg-not-found': {
    kind: 'not-found',
    when: 'The package has no such leg.',
    remedy: 'A package with one leg gives it its own id.',
  },
  'packages-too-many': {
    kind: 'conflict',
    when: 'As many packages of the partner are open as the operator has agreed upon.',
    remedy: 'Give back what nobody needs, or agree upon more.',
  },
  'package-expired': {
    kind: 'conflict',
    when: 'Nobody confirmed the package before it expired.',
    remedy: 'Search again. What takes longer is extended before: `extend-expiry-time`.',
  },
  'process-not-possible': {
    kind: 'conflict',
    when: 'The state of the package does not admit it.',
    remedy: 'Do what `resolution` names, or follow the `links` of the package.',
  },
  'process-unknown': {
    kind: 'not-found',
    when: 'There is no process of this name.',
    remedy: 'The landing page links those that there are.',
  },
  'leg-operation-unknown': {
    kind: 'not-found',
    when: 'Legs know no such operation here.',
    remedy: 'There are start-leg, pause-leg, resume-leg and end-leg.',
  },
  'leg-operation-not-possible': {
    kind: 'conflict',
    when: 'The state of the leg does not admit it.',
    remedy: 'Do what `resolution` names, or follow the `links` of the package.',
  },
  'leg-follows-vehicle': {
    kind: 'conflict',
    when: 'The vehicle has a device, and decides by itself: it has not done so, or not told of it yet.',
    remedy: 'The traveller asks the vehicle by the digital key; then ask again.',
  },
  'timestamp-not-possible': {
    kind: 'invalid',
    when: '`timestamp` lies in the future, or before the purchase.',
    remedy: 'Leave it out, or correct the clock.',
  },
  'phone-key-missing': {
    kind: 'invalid',
    when: 'The vehicle is opened by a digital key, and no key of a phone was sent, or none that is one.',
    remedy: 'Send the phone’s public key in `customFields.phoneKey`: P-256, SPKI, base64url.',
  },
  'asset-not-assignable': {
    kind: 'conflict',
    when: 'The package is for another vehicle.',
    remedy: 'Give it back, and buy an offer of the vehicle that is wanted.',
  },
  'package-not-charged': {
    kind: 'conflict',
    when: 'The bill of the package does not stand yet.',
    remedy: 'Ask again in a moment; what its operator looks at takes longer.',
  },
  'place-outside-system': {
    kind: 'invalid',
    when: 'The place is not in this city, or has its coordinates swapped.',
    remedy: 'Places are `GPS:<longitude>,<latitude>`.',
  },
  'start-not-now': {
    kind: 'unacceptable',
    when: 'The search is for a time that is more than an hour away.',
    remedy: 'Search when the traveller wants to start.',
  },
  'traveller-not-validated': {
    kind: 'unacceptable',
    when: 'It is not said that the traveller’s papers were seen, or not how old they are.',
    remedy: 'Say `isValidated` and `age` in `characteristics`.',
  },
  'traveller-too-young': {
    kind: 'unacceptable',
    when: 'The traveller is younger than the type of vehicle asks for.',
    remedy: 'Offer a vehicle of another type.',
  },
  'traveller-licence-missing': {
    kind: 'unacceptable',
    when: 'The traveller shows no licence of the class that the vehicle asks for.',
    remedy: 'Name it in `licenses`, or offer a vehicle of another type.',
  },
  'traveller-licence-expired': {
    kind: 'unacceptable',
    when: 'The traveller’s licence is no longer valid.',
    remedy: 'Have them show a newer one.',
  },
  'partner-account-not-found': {
    kind: 'not-found',
    when: 'The partner has no account with the operator in this currency.',
    remedy: 'It is opened by the first package that is confirmed.',
  },
  'receipt-contradicts': {
    kind: 'unacceptable',
    when: 'There is a receipt of this id, over another amount or of another day.',
    remedy: 'Another payment has another id.',
  },
  'receipt-above-owed': {
    kind: 'conflict',
    when: 'The receipt is over more than the partner owes, or than the business owes for the month.',
    remedy: 'Enter what is owed; the rest goes back to whoever paid it, or is entered once more is owed.',
  },
} as const;

const reread = 'Correct what `errors` names by their JSON pointers; nothing was changed.';

/** What is said of the failures around what operators set up; part of the problem catalogue. */
export const sharingSetupFailures = {
  'operator-not-found': {
    kind: 'not-found',
    when: 'There is no such operator, or none that the client acts for.',
    remedy:
      'List them with `GET /v1/sharing/operators`; the platform team adds clients to an operator. Persons: `GET /v1/me/sharing/systems`.',
  },
  'operator-known-otherwise': {
    kind: 'conflict',
    when: 'There is an operator of this id, with other data.',
    remedy: 'Change it with PATCH, or take another id.',
  },
  'system-not-found': {
    kind: 'not-found',
    when: 'There is no such system, or none of the client’s operators.',
    remedy:
      'List them with `GET /v1/sharing/operators/{operatorId}/systems`, as a person with `GET /v1/me/sharing/systems`.',
  },
  'system-known-otherwise': {
    kind: 'conflict',
    when: 'There is a system of this id, with other data or another operator’s.',
    remedy: 'Change it with PATCH where it is yours, or take another id. Operator, market and currency stay.',
  },
  'zones-not-found': {
    kind: 'not-found',
    when: 'The system has no zones yet.',
    remedy: 'Set them with `POST /v1/sharing/systems/{systemId}/zones`.',
  },
  'zones-changed': {
    kind: 'stale',
    when: 'Somebody has set other zones since they were read.',
    remedy: 'Read them again and name the version you have seen.',
  },
  'plan-not-found': {
    kind: 'not-found',
    when: 'The system has no such plan, or no such version of it.',
    remedy: 'List them with `GET /v1/sharing/systems/{systemId}/plans`.',
  },
  'shared-vehicle-not-found': {
    kind: 'not-found',
    when: 'There is no such vehicle in the systems of the client’s operators.',
    remedy: 'List them with `GET /v1/sharing/systems/{systemId}/vehicles`.',
  },
  'label-taken': {
    kind: 'conflict',
    when: 'Another vehicle of the system has the label.',
    remedy: 'Take another label, or change that of the other vehicle first.',
  },
  'vehicle-shared-otherwise': {
    kind: 'conflict',
    when: 'The vehicle is shared already: with other data, or in another system.',
    remedy: 'Change it with PATCH; for another system it is decommissioned in the former one first.',
  },
  'plan-unknown': {
    kind: 'invalid',
    when: 'The plan of a vehicle, or of a vehicle type, has not been set.',
    remedy: 'Set it with `POST /v1/sharing/systems/{systemId}/plans`.',
  },
  'registration-missing': {
    kind: 'invalid',
    when: 'A car is to be shared that is none of the registry.',
    remedy: 'Register it with `POST /v1/vehicles`, and name its `vehicleId`.',
  },
  'vehicle-in-use': {
    kind: 'conflict',
    when: 'Somebody holds or drives the vehicle: it neither leaves service nor changes its system.',
    remedy: 'Wait until they have ended, or force the end with its reason.',
  },
  'vehicle-installing': {
    kind: 'conflict',
    when: 'An update is being installed: the vehicle does not come into service meanwhile.',
    remedy: 'Ask again when the update has ended.',
  },
  'transition-not-possible': {
    kind: 'conflict',
    when: 'MDS 2.0 has no such event from the state the vehicle is in.',
    remedy: 'Look at its state with `GET /v1/sharing/vehicles/{vehicleId}`; the table stands in docs/sharing.md.',
  },
  'vehicle-not-held': {
    kind: 'conflict',
    when: 'A vehicle is to be opened that nobody holds.',
    remedy: 'Its driver reserves it first.',
  },
  'vehicle-speaks-for-itself': {
    kind: 'conflict',
    when: 'Something is reported of a vehicle that has a device of its own.',
    remedy: 'Nothing: it is heard without that.',
  },
  'report-not-possible': {
    kind: 'invalid',
    when: 'What is reported lies in the future, or is of a holder that there has not been yet.',
    remedy: 'Correct the members that `errors` names; nothing of the report was taken in.',
  },
  'report-contradicts': {
    kind: 'unacceptable',
    when: 'An event has the number of another one that was reported before.',
    remedy: 'Read the last number that is known, and go on after it.',
  },
  'bounds-not-usable': {
    kind: 'invalid',
    when: 'The bounds are no box around a city: west, south, east, north in degrees, three wide at the most; or latitude stands where longitude belongs.',
    remedy: reread,
  },
  'currency-not-usable': {
    kind: 'invalid',
    when: 'The currency is not the one of the market.',
    remedy: 'Take the one that `errors` names: bills, and the tax in them, are in the currency of the market.',
  },
  'licence-not-usable': {
    kind: 'invalid',
    when: 'A car could be driven without a licence of class B.',
    remedy: reread,
  },
  'market-not-taxed': {
    kind: 'invalid',
    when: 'The value added tax of the market is not known: no bill could be written.',
    remedy: 'Have its rate added to the platform.',
  },
  'opening-hours-not-usable': {
    kind: 'invalid',
    when: 'The system would never open, or closes before it opens on a day.',
    remedy: 'Give minutes of the day, `from` below `to`, 1440 at the most; a night is two days’ hours.',
  },
  'range-missing': {
    kind: 'invalid',
    when: 'A vehicle type that is not moved by muscles alone has no range.',
    remedy: reread,
  },
  'time-zone-unknown': {
    kind: 'invalid',
    when: 'The time zone is none of IANA’s.',
    remedy: 'Take the name of a place, such as `Europe/Berlin`: an offset knows no summer.',
  },
  'vehicle-type-gone': {
    kind: 'invalid',
    when: 'A vehicle type is missing that the system had.',
    remedy: 'Leave it in: vehicles, zones and former trips name it.',
  },
  'vehicle-type-twice': { kind: 'invalid', when: 'Two vehicle types have one id.', remedy: reread },
  'vehicle-type-unknown': {
    kind: 'invalid',
    when: 'A vehicle type is named that the system does not have.',
    remedy: reread,
  },
  'zone-coordinates-swapped': {
    kind: 'invalid',
    when: 'A zone lies outside the system, and would lie within if latitude and longitude changed places.',
    remedy: 'GeoJSON has longitude first: `[13.4, 52.5]` is Berlin.',
  },
  'zone-crosses-itself': {
    kind: 'invalid',
    when: 'A boundary crosses, touches or retraces itself, or a hole leaves its zone.',
    remedy: 'Draw it anew where `errors` says; two areas are two polygons of one zone.',
  },
  'zone-never-in-force': { kind: 'invalid', when: 'A zone ends before it starts.', remedy: reread },
  'zone-not-closed': {
    kind: 'invalid',
    when: 'A ring does not end where it begins.',
    remedy: 'Repeat the first position at the end (RFC 7946, 3.1.6).',
  },
  'zone-outside-system': {
    kind: 'invalid',
    when: 'A zone reaches beyond the bounds of its system, or would if the bounds were changed.',
    remedy:
      'Correct the zone, or widen the bounds of the system. Bounds that move are widened, then come the zones, then the rest.',
  },
  'zone-ring-too-short': {
    kind: 'invalid',
    when: 'A ring has fewer than four positions, or a zone no polygon.',
    remedy: reread,
  },
  'zone-rule-missing': {
    kind: 'invalid',
    when: 'Nothing is said of a vehicle type where no zone is.',
    remedy: 'Add a rule to `globalRules` that names it; for a type that is yet to come, a last one that names none.',
  },
  'zone-says-nothing': {
    kind: 'invalid',
    when: 'A zone has no rule, is no station, and is not known for no coverage.',
    remedy: reread,
  },
  'zone-twice': { kind: 'invalid', when: 'Two zones have one id.', remedy: reread },
  'zones-too-large': {
    kind: 'invalid',
    when: 'The zones take more than 96 KB as JSON: vehicles get them in one message.',
    remedy: 'Draw them with fewer positions, five decimals each (a metre).',
  },
  'zones-too-many': { kind: 'invalid', when: 'There are more than 200 zones.', remedy: reread },
  'currency-other': {
    kind: 'invalid',
    when: 'A plan, a charge or a fine is in another currency than its system; or a business would change its own.',
    remedy: reread,
  },
  'day-cap-below-minute': {
    kind: 'invalid',
    when: 'A day of the plan would cost less than a minute of it.',
    remedy: reread,
  },
  'day-cap-below-fee': {
    kind: 'invalid',
    when: 'A day of the plan would cost less than unlocking the vehicle once.',
    remedy: reread,
  },
  'package-dearer-than-without': {
    kind: 'invalid',
    when: 'A package costs more than its minutes and kilometres ever would at the plan’s own rates: nobody gains by it.',
    remedy: reread,
  },
  'pause-dearer-than-driving': {
    kind: 'invalid',
    when: 'A minute of pausing costs more than one of driving: nobody would pause.',
    remedy: reread,
  },
  'package-empty': { kind: 'invalid', when: 'A package has neither minutes nor kilometres.', remedy: reread },
  'package-twice': { kind: 'invalid', when: 'Two packages of the plan have one id.', remedy: reread },
  'price-absurd': {
    kind: 'invalid',
    when: 'A price is so high that it can only be a mistake, such as whole euros where cents are meant.',
    remedy: 'Give prices in the smallest unit of the currency: 29 for 0.29 EUR.',
  },
  'price-negative': { kind: 'invalid', when: 'A price is below nothing.', remedy: reread },
  'price-not-whole': {
    kind: 'invalid',
    when: 'A price is no whole number of the smallest unit of the currency.',
    remedy: 'Give prices in the smallest unit of the currency: 29 for 0.29 EUR.',
  },
} as const;

/** A city as its operator describes it: one kind of car, one price, one zone to end in. */
export const vehicleType = 'e-golf';

export const city = {
  ...{ name: 'Tour Berlin', market: 'DE', timeZone: 'Europe/Berlin', currency: 'EUR', openingHours: '24/7' },
  bounds: [13, 52.3, 13.8, 52.7],
  holds: { minutes: 15, extensionMinutes: 15, extensions: 2 },
  vehicleTypes: [
    {
      ...{ vehicleTypeId: vehicleType, name: 'e-Golf', formFactor: 'car', propulsion: 'electric', seats: 5 },
      ...{ maxRangeMeters: 231_000, minimumAge: 21, licence: 'B', minimumCharge: 15, planId: 'by-the-minute' },
    },
  ],
};

export const plan = {
  ...{ planId: 'by-the-minute', name: 'By the minute', currency: 'EUR', unlockFee: 100, perMinute: 29 },
  ...{ pausePerMinute: 9, perKilometre: 19, includedKilometres: 0, dayCap: 6_900 },
  ...{ hold: { freeMinutes: 15, perMinute: 5 }, packages: [] },
};

const anywhere = { rideStartAllowed: true, rideEndAllowed: true, rideThroughAllowed: true };
const nowhere = { ...anywhere, rideEndAllowed: false };

/** Corners as [longitude, latitude]; the last is the first. */
function area(...corners: readonly (readonly [number, number])[]) {
  return { type: 'MultiPolygon', coordinates: [[[...corners, corners[0]]]] };
}

const berlin = area([13.28, 52.46], [13.5, 52.46], [13.5, 52.56], [13.28, 52.56]);
export const zones = {
  zones: [{ zoneId: 'home', name: 'Berlin', geometry: berlin, rules: [anywhere] }],
  globalRules: [nowhere],
};

/** Two corners in the wrong order. */
export const bowTie = {
  zones: [
    {
      ...{ zoneId: 'home', name: 'Berlin', rules: [anywhere] },
      geometry: area([13.28, 52.46], [13.5, 52.56], [13.5, 52.46], [13.28, 52.56]),
    },
  ],
  globalRules: [nowhere],
};

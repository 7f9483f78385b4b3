import type { SignalValue } from '#shared/vehicle-cloud/envelopes.ts';

/** Everything that is true of a simulated vehicle. SI-near units: m, s, km/h, °C, percent. */
export interface DriveState {
  /** Seconds since the vehicle began its day. */
  readonly elapsed: number;
  readonly home: Place;
  /** Metres east and north of home. */
  readonly east: number;
  readonly north: number;
  readonly heading: number;
  readonly speed: number;
  readonly odometer: number;
  readonly charge: number;
  readonly cabin: number;
  readonly target: number;
  readonly locked: boolean;
  readonly climate: boolean;
  readonly charging: boolean;
  readonly chargeLimit: number;
  /** Seconds for which the hazard lights still flash. */
  readonly flashing: number;
  /** Whether the horn joins in. */
  readonly horn: boolean;
}

interface Place {
  readonly latitude: number;
  readonly longitude: number;
}

const cities: readonly Place[] = [
  { latitude: 52.4227, longitude: 10.7865 }, // Wolfsburg
  { latitude: 48.8566, longitude: 2.3522 }, // Paris
  { latitude: 48.1374, longitude: 11.5755 }, // Munich
];

const outside = 12;
const metresPerDegree = 111_320;
const batteryKilowattHours = 58;
const consumption = 16; // kWh per 100 km
const chargingKilowatt = 11;
const range = 360_000; // m with a full battery
/** Seconds of one round: out on the road, then parked. */
const round = { drive: 600, park: 240 };

/** Where and how the vehicle of this VIN begins: always the same. */
export function startOf(vin: string): DriveState {
  const seed = hashed(vin);
  const city = cities[seed % cities.length] ?? { latitude: 0, longitude: 0 };
  return {
    elapsed: seed % (round.drive + round.park),
    home: {
      latitude: city.latitude + ((seed >>> 4) % 100) / 2000 - 0.025,
      longitude: city.longitude + ((seed >>> 8) % 100) / 2000 - 0.025,
    },
    east: 0,
    north: 0,
    heading: seed % 360,
    speed: 0,
    odometer: 1_000_000 + (seed % 40_000_000),
    charge: 55 + (seed % 40),
    cabin: outside + 2,
    target: 21,
    locked: true,
    climate: false,
    charging: false,
    chargeLimit: 100,
    flashing: 0,
    horn: false,
  };
}

/** The vehicle `seconds` later: it drives its round, uses or takes charge, and its cabin warms or cools. */
export function drive(state: DriveState, seconds: number): DriveState {
  const elapsed = state.elapsed + seconds;
  const phase = elapsed % (round.drive + round.park);
  const underway = phase < round.drive && !state.charging && state.charge > 5;
  const wanted = underway ? 45 + 25 * Math.sin(phase / 37) : 0;
  // Some 2 m/s² when accelerating or braking.
  const speed = state.speed + clamp(wanted - state.speed, -7 * seconds, 7 * seconds);
  const metres = (speed / 3.6) * seconds;
  // One round is one circle, so nobody leaves town.
  const heading = (state.heading + (underway ? (360 * seconds) / round.drive : 0)) % 360;
  const direction = (heading * Math.PI) / 180;
  const used = (metres / 100_000) * consumption + (state.climate ? (1.5 * seconds) / 3600 : 0);
  const taken = state.charging ? (chargingKilowatt * seconds) / 3600 : 0;
  const wish = state.climate ? state.target : outside + 2;
  return {
    ...state,
    elapsed,
    heading,
    speed,
    east: state.east + metres * Math.sin(direction),
    north: state.north + metres * Math.cos(direction),
    odometer: state.odometer + metres,
    charge: clamp(state.charge + ((taken - used) / batteryKilowattHours) * 100, 0, 100),
    cabin: state.cabin + (wish - state.cabin) * (1 - Math.exp(-seconds / 180)),
    charging: state.charging && state.charge < state.chargeLimit,
    flashing: Math.max(0, state.flashing - seconds),
  };
}

const doors = ['Row1.DriverSide', 'Row1.PassengerSide', 'Row2.DriverSide', 'Row2.PassengerSide'];

/** What the vehicle's sensors say, by VSS 6 path and in VSS 6 units. */
export function readingsOf(state: DriveState): Readonly<Record<string, SignalValue>> {
  const { home, east, north } = state;
  return {
    'Vehicle.Speed': rounded(state.speed, 1),
    'Vehicle.IsMoving': state.speed > 0.5,
    'Vehicle.CurrentLocation.Latitude': rounded(home.latitude + north / metresPerDegree, 6),
    'Vehicle.CurrentLocation.Longitude': rounded(
      home.longitude + east / (metresPerDegree * Math.cos((home.latitude * Math.PI) / 180)),
      6,
    ),
    'Vehicle.CurrentLocation.Heading': rounded(state.heading, 1),
    'Vehicle.TraveledDistance': Math.round(state.odometer),
    'Vehicle.Powertrain.TractionBattery.StateOfCharge.Displayed': rounded(state.charge, 1),
    'Vehicle.Powertrain.TractionBattery.Range': Math.round((state.charge / 100) * range),
    'Vehicle.Powertrain.TractionBattery.Charging.IsCharging': state.charging,
    'Vehicle.Cabin.HVAC.AmbientAirTemperature': rounded(state.cabin, 1),
    'Vehicle.Cabin.HVAC.IsAirConditioningActive': state.climate,
    'Vehicle.Cabin.HVAC.Station.Row1.Driver.Temperature': state.target,
    'Vehicle.Exterior.AirTemperature': outside,
    'Vehicle.Body.Horn.IsActive': state.horn && state.flashing > 0,
    'Vehicle.Body.Lights.Hazard.IsSignaling': state.flashing > 0,
    ...Object.fromEntries(doors.map((door) => [`Vehicle.Cabin.Door.${door}.IsLocked`, state.locked])),
  };
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

/** FNV-1a: spreads VINs that differ in their last digit. */
function hashed(text: string): number {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return hash;
}

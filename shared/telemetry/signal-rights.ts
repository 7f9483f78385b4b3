import type { Caller } from '../access/caller.ts';
import { requireScope } from '../access/caller.ts';
import type { Scope } from '../access/scopes.ts';

/** Where the car is, was or goes: also the place of the charging station. */
const location = /^Vehicle\.CurrentLocation\.|\.(Latitude|Longitude|Altitude)$/;
const battery = /^Vehicle\.Powertrain\.TractionBattery\./;
const odometer = /^Vehicle\.(TraveledDistance|TraveledDistanceSinceStart|TripMeterReading)$/;

/** Says who the car or its driver is. Such values are not telemetry here, whoever sends them. */
const identity = /^Vehicle\.VehicleIdentification\.(VIN|LicensePlate)$|\.Identifier\.(Subject|Issuer)$/;

/** The scope that a signal needs beside `read_telemetry`, if any. */
function scopeOfSignal(path: string): Scope | undefined {
  if (location.test(path)) return 'read_location';
  if (battery.test(path)) return 'read_battery';
  return odometer.test(path) ? 'read_odometer' : undefined;
}

export function namesAPerson(path: string): boolean {
  return identity.test(path);
}

export function mayRead(caller: Caller, path: string): boolean {
  const scope = scopeOfSignal(path);
  return scope === undefined || caller.scopes.has(scope);
}

/** Throws `forbidden`, naming the scope. */
export function requireSignal(caller: Caller, path: string): void {
  const scope = scopeOfSignal(path);
  if (scope !== undefined) requireScope(caller, scope);
}

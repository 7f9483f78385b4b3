import type { BookedVehicle } from '#shared/sharing/bookings/booked-vehicle.ts';
import type { BookingRepository, BookingStep, Change } from '#shared/sharing/bookings/booking-repository.ts';
import type { Driver } from '#shared/sharing/bookings/driver.ts';
import { hasRoom, held, whyNotDriver } from '#shared/sharing/bookings/hold.ts';

/** Bookings without a table: what a vehicle and a driver are is what was saved last. */
export function memoryBookings(): BookingRepository {
  const vehicles = new Map<string, BookedVehicle>();
  const drivers = new Map<string, Driver>();
  const driverKey = ({ operatorId, personId }: Pick<Driver, 'operatorId' | 'personId'>) => `${operatorId} ${personId}`;

  function stands<T extends { readonly version: number }>(change: Change<T> | undefined, present: T | undefined) {
    return change === undefined || change.seen === present?.version;
  }

  async function save({ vehicle, driver }: BookingStep): Promise<boolean> {
    if (!stands(vehicle, vehicles.get(vehicle?.next.vehicleId ?? ''))) return false;
    if (driver !== undefined && !stands(driver, drivers.get(driverKey(driver.next)))) return false;
    if (vehicle !== undefined) vehicles.set(vehicle.next.vehicleId, vehicle.next);
    if (driver !== undefined) drivers.set(driverKey(driver.next), driver.next);
    return true;
  }

  return {
    vehicle: async (vehicleId) => vehicles.get(vehicleId),
    driver: async (operatorId, personId) => drivers.get(driverKey({ operatorId, personId })),
    save,
    async hold(claim) {
      const vehicle = vehicles.get(claim.vehicleId);
      const driver = drivers.get(driverKey(claim));
      const request = driver?.requests.find(({ key }) => key === claim.request.key);
      if (request !== undefined) return { kind: 'repeated', request };
      const step = held(vehicle, driver, claim);
      if (step !== undefined && (await save(step))) return { kind: 'held' };
      const isDrivers = driver === undefined || whyNotDriver(driver, claim) !== undefined || !hasRoom(driver);
      if (isDrivers) return { kind: 'refused', half: 'driver', ...(driver !== undefined && { driver }) };
      return { kind: 'refused', half: 'vehicle', ...(vehicle !== undefined && { vehicle }) };
    },
  };
}

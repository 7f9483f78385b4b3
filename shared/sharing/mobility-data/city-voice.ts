import type { VehicleStatus } from '../../vehicle-cloud/sharing-envelopes.ts';
import type { SharingSystem, VehicleType } from '../setup/system.ts';
import type { Trip } from '../trips/trip.ts';
import type { Place } from '../zones/zone.ts';
import type { MobilityIds } from './mobility-ids.ts';
import type { Gps, MdsEventRecord, MdsTelemetry, MdsTrip, MdsVehicle, MdsVehicleStatus } from './mobility-shapes.ts';
import type { Device, ToldEvent } from './told-event.ts';

/** Says what is known of a city's vehicles in the words of MDS. No person, plate or id of the platform is in it. */
export class CityVoice {
  readonly #ids: MobilityIds;
  readonly #types: ReadonlyMap<string, VehicleType>;
  readonly #provider: string;

  constructor(ids: MobilityIds, { operatorId, vehicleTypes, mdsProviderId }: SharingSystem) {
    this.#ids = ids;
    this.#types = new Map(vehicleTypes.map((type) => [type.vehicleTypeId, type]));
    this.#provider = mdsProviderId ?? ids.provider(operatorId);
  }

  vehicle({ last }: Device): MdsVehicle | undefined {
    const type = this.#types.get(last.vehicleTypeId);
    const whose = this.#whose(last.vehicleId);
    return (
      type && {
        ...whose,
        // MDS asks for what is written on it, which of a car is its plate.
        vehicle_id: whose.device_id,
        vehicle_type: type.formFactor,
        propulsion_types: [type.propulsion],
        accessibility_attributes: [],
      }
    );
  }

  event(told: ToldEvent, where: Place): MdsEventRecord {
    const { vehicleId, fence, state, event, at, publishedAt, vehicleTypeId, charge } = told;
    return {
      ...this.#whose(vehicleId),
      event_id: this.#ids.event(told),
      ...{ vehicle_state: state, event_types: [event], timestamp: at, publication_time: publishedAt },
      location: gpsOf(where),
      ...this.#energy(vehicleTypeId, charge),
      ...(fence !== undefined && { trip_ids: [this.#ids.trip({ vehicleId, fence })] }),
    };
  }

  /**
   * @param status what it said of itself; absent while somebody has it, or may still drive it: nobody is followed on their way
   */
  status(device: Device, where: Place, status?: VehicleStatus): MdsVehicleStatus {
    const { last, use } = device;
    const event = this.event(last, last.where ?? where);
    const isNewer = status?.place !== undefined && status.at > last.at;
    const point = isNewer ? { at: status.at, of: `${status.boot}/${status.sequence}` } : { at: last.at, of: 'event' };
    const trip = use && { vehicleId: last.vehicleId, fence: use.fence };
    const telemetry: MdsTelemetry = {
      ...this.#whose(last.vehicleId),
      telemetry_id: this.#ids.telemetry(last.vehicleId, `${point.of}/${point.at}`),
      timestamp: point.at,
      trip_ids: trip === undefined ? null : [this.#ids.trip(trip)],
      journey_id: trip === undefined ? null : this.#ids.journey(trip),
      location: isNewer ? gpsOf(where) : event.location,
      ...this.#energy(last.vehicleTypeId, (isNewer ? status.charge : undefined) ?? last.charge),
    };
    return { ...this.#whose(last.vehicleId), last_event: event, last_telemetry: telemetry };
  }

  /**
   * @param end its `trip_end`
   * @param trip its record, as far as there is one
   */
  trip(end: ToldEvent, where: Place, trip: Trip | undefined): MdsTrip | undefined {
    const { vehicleId, fence, at, publishedAt } = end;
    const { course, bill } = trip ?? {};
    const startedAt = end.began?.at ?? course?.start.at;
    if (fence === undefined || startedAt === undefined) return undefined;
    const start = Math.min(startedAt, at);
    const from = end.began?.where ?? course?.start.place ?? where;
    return {
      ...this.#whose(vehicleId),
      ...{ trip_id: this.#ids.trip({ vehicleId, fence }), journey_id: this.#ids.journey({ vehicleId, fence }) },
      ...{ trip_type: ['private'], trip_attributes: { reservation_type: 'app' } },
      ...{ start_time: start, end_time: at, start_location: gpsOf(from), end_location: gpsOf(where) },
      duration: Math.round((at - start) / 1000),
      distance: Math.max(0, Math.round((course?.end?.odometer ?? 0) - (course?.start.odometer ?? 0))),
      publication_time: publishedAt,
      ...(bill !== undefined && {
        fare_attributes: { payment_type: 'mobile_app', fare_type: 'meter_fare' },
        ...{ actual_cost: bill.total, currency: bill.currency },
      }),
    };
  }

  #whose(vehicleId: string) {
    return { device_id: this.#ids.device(vehicleId), provider_id: this.#provider };
  }

  #energy(vehicleTypeId: string, charge: number | undefined) {
    if (charge === undefined) return {};
    const percent = Math.round(charge);
    switch (this.#types.get(vehicleTypeId)?.propulsion) {
      case 'combustion':
      case 'hybrid':
        return { fuel_percent: percent };
      case 'human':
      case undefined:
        return {};
      case 'electric':
      case 'electric_assist':
      case 'plug_in_hybrid':
        return { battery_percent: percent };
    }
  }
}

function gpsOf({ latitude, longitude }: Place): Gps {
  return { lat: latitude, lng: longitude };
}

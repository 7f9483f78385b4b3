import { base64url } from '../../kernel/base64url.ts';
import type { Clock } from '../../kernel/clock.ts';
import { isVehicleId, type VehicleId } from '../../registry/vehicle-id.ts';
import { canonical } from '../../twins/twin.ts';
import type { KeyStatement, SharingDesired } from '../../vehicle-cloud/sharing-envelopes.ts';
import type { BookedVehicle } from '../bookings/booked-vehicle.ts';
import type { BookingRepository } from '../bookings/booking-repository.ts';
import type { SetupRepository } from '../setup/setup-repository.ts';
import type { SystemId } from '../sharing-id.ts';
import type { KeyIssuer } from './key-signer.ts';
import { signStatement } from './key-statement.ts';

/** Whose statement is to be signed anew: a vehicle's, or those of a city, whose zones or types have changed. */
export type StatementCall =
  | { readonly kind: 'vehicle'; readonly vehicleId: string }
  | { readonly kind: 'city'; readonly systemId: SystemId; readonly after?: string };

export interface StatementCalls {
  /** Soon; may be called in vain, and twice. */
  call(call: StatementCall): Promise<void>;
}

/** Where the vehicle finds what is said to it of keys. */
export interface KeyBoard {
  /** @param order rises with what is said: what is older is not shown any more */
  show(vehicleId: VehicleId, desired: SharingDesired, order: number): Promise<void>;
}

export interface StatementPorts {
  readonly bookings: Pick<BookingRepository, 'vehicle'>;
  readonly setup: Pick<SetupRepository, 'system' | 'zones' | 'vehicles'>;
  readonly calls: StatementCalls;
  readonly issuer: () => Promise<KeyIssuer>;
  readonly board: KeyBoard;
  readonly clock: Clock;
}

/** A place for versions of zones and system below each version of a booking: whichever of them rises, the statement's does. */
const versionsBelow = 1_000_000;
/** Vehicles of a city that are called by one message. */
const atOnce = 50;
/** Others write the booking at the same time now and then, not for ever. */
const rounds = 8;

/** Says to vehicles which keys open them no more, and by what they judge. */
export class StatementService {
  readonly #ports: StatementPorts;

  constructor(ports: StatementPorts) {
    this.#ports = ports;
  }

  async serve(call: StatementCall): Promise<void> {
    if (call.kind === 'vehicle') return this.renew(vehicleIdOf(call.vehicleId));
    const { setup, calls } = this.#ports;
    const { systemId, after } = call;
    const { items, next } = await setup.vehicles(systemId, {
      limit: atOnce,
      ...(after !== undefined && { from: after }),
    });
    // Where an operator speaks for a vehicle, nobody reads a statement.
    const readers = items.filter(({ speaks }) => speaks === 'device');
    await Promise.all(readers.map(({ vehicleId }) => calls.call({ kind: 'vehicle', vehicleId })));
    if (next !== undefined) await calls.call({ kind: 'city', systemId, after: next });
  }

  /**
   * Signs and shows what holds now. Of two who do so at once the one with the older booking might come last: so each looks
   * again, and goes on until what was shown is what holds.
   */
  async renew(vehicleId: VehicleId): Promise<void> {
    const { bookings, board, issuer, clock } = this.#ports;
    let statement = await this.#statement(await bookings.vehicle(vehicleId));
    for (let round = 0; round < rounds && statement !== undefined; round += 1) {
      const { key, signer } = await issuer();
      const signed = await signStatement({ ...statement, issuedAt: clock.now() }, signer);
      await board.show(vehicleId, { issuer: key, statement: base64url(signed) }, statement.version);
      const now = await this.#statement(await bookings.vehicle(vehicleId));
      if (now === undefined || saysTheSame(now, statement)) return;
      statement = now;
    }
    if (statement !== undefined) throw new Error('The booking keeps changing while a statement is signed');
  }

  async #statement(vehicle: BookedVehicle | undefined): Promise<Omit<KeyStatement, 'issuedAt'> | undefined> {
    if (vehicle === undefined) return undefined;
    const { setup } = this.#ports;
    const { vehicleId, systemId, vehicleTypeId } = vehicle;
    const [system, zones] = await Promise.all([setup.system(systemId), setup.zones(systemId)]);
    const type = system?.vehicleTypes.find((one) => one.vehicleTypeId === vehicleTypeId);
    if (system === undefined || type === undefined) return undefined;
    const zonesVersion = zones?.version ?? 0;
    return {
      ...{ vehicleId, systemId, vehicleTypeId, zonesVersion, minimumCharge: type.minimumCharge, revoked: [] },
      version: vehicle.version * versionsBelow + ((zonesVersion + system.version) % versionsBelow),
      minimumFence: minimumFenceOf(vehicle),
    };
  }
}

/** Also under a higher version, which others' writes of the booking make. */
function saysTheSame(one: Omit<KeyStatement, 'issuedAt'>, other: Omit<KeyStatement, 'issuedAt'>): boolean {
  return canonical({ ...one, version: 0 }) === canonical({ ...other, version: 0 });
}

function vehicleIdOf(text: string): VehicleId {
  if (!isVehicleId(text)) throw new RangeError('A call names no vehicle');
  return text;
}

/** The holder's own; the next one's where nobody has it. */
export function minimumFenceOf({ assignment, fence }: BookedVehicle): number {
  return assignment === undefined ? fence + 1 : fence;
}

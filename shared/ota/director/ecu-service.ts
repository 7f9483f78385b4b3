import type { Caller } from '../../access/caller.ts';
import { Failure } from '../../kernel/failure.ts';
import { untilSaved } from '../../kernel/optimistic.ts';
import type { VehicleId } from '../../registry/vehicle-id.ts';
import type { VehicleService } from '../../registry/vehicle-service.ts';
import type { Cryptography } from '../uptane/key.ts';
import { keyIdOf } from '../uptane/signing.ts';
import type { DirectorRecords } from './director-ports.ts';
import { accepted, type DirectorRecord, forgotten } from './director-record.ts';

export interface EcuPorts {
  readonly vehicles: Pick<VehicleService, 'require'>;
  readonly records: DirectorRecords;
  readonly cryptography: Pick<Cryptography, 'digest'>;
}

export interface EcuView {
  readonly ecuId: string;
  readonly hardwareId: string;
  /** Of the key that it signs its reports with. */
  readonly keyId: string;
}

export interface VehicleEcus {
  readonly known: readonly EcuView[];
  readonly unknown: readonly (EcuView & { readonly seenAt: number })[];
}

/** The control units of a vehicle as the Director knows them, and what operators say about those that it does not. */
export class EcuService {
  readonly #ports: EcuPorts;

  constructor(ports: EcuPorts) {
    this.#ports = ports;
  }

  async list(caller: Caller, vehicleId: VehicleId): Promise<VehicleEcus> {
    await this.#ports.vehicles.require(caller, vehicleId);
    return this.#viewOf(await this.#ports.records.load(vehicleId));
  }

  /**
   * A control unit was changed in a workshop. Named with its key, so that what somebody has looked at is accepted, and
   * not whatever sits there by now. Accepting it again changes nothing.
   */
  accept(caller: Caller, vehicleId: VehicleId, ecuId: string, keyId: string): Promise<VehicleEcus> {
    return this.#change(caller, vehicleId, (record) => {
      const { known, unknown } = this.#viewOf(record);
      if (known.some((ecu) => ecu.ecuId === ecuId && ecu.keyId === keyId)) return record;
      if (unknown.some((ecu) => ecu.ecuId === ecuId && ecu.keyId === keyId)) return accepted(record, ecuId);
      throw ecuNotFound();
    });
  }

  /** It was taken out for good. */
  forget(caller: Caller, vehicleId: VehicleId, ecuId: string): Promise<VehicleEcus> {
    return this.#change(caller, vehicleId, (record) => forgotten(record, ecuId));
  }

  async #change(
    caller: Caller,
    vehicleId: VehicleId,
    change: (record: DirectorRecord) => DirectorRecord,
  ): Promise<VehicleEcus> {
    const { vehicles, records } = this.#ports;
    await vehicles.require(caller, vehicleId);
    return untilSaved(async () => {
      const seen = await records.load(vehicleId);
      if (seen === undefined) throw ecuNotFound();
      const next = change(seen);
      return next === seen || (await records.save(next, seen.version)) ? this.#viewOf(next) : undefined;
    });
  }

  #viewOf(record: DirectorRecord | undefined): VehicleEcus {
    const keyId = (key: Parameters<typeof keyIdOf>[0]) => keyIdOf(key, this.#ports.cryptography);
    return {
      known: Object.entries(record?.ecus ?? {}).map(([ecuId, { hardwareId, key }]) => {
        return { ecuId, hardwareId, keyId: keyId(key) };
      }),
      unknown: Object.entries(record?.unknown ?? {}).map(([ecuId, { hardwareId, key, seenAt }]) => {
        return { ecuId, hardwareId, keyId: keyId(key), seenAt };
      }),
    };
  }
}

function ecuNotFound(): Failure {
  return new Failure('not-found', 'ecu-not-found', 'No such control unit, with this key, waits to be accepted.', {
    resolution: 'Read the control units of the vehicle again: GET /v1/vehicles/{vehicleId}/control-units.',
  });
}

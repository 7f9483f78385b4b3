import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { FileDisk } from './file-disk.ts';
import { SimulatedBody } from './simulated-body.ts';
import { SimulatedEcu } from './simulated-ecu.ts';

/** A control unit as the factory builds it in. */
export interface SimulatedUnit {
  readonly ecuId: string;
  readonly hardwareId: string;
  readonly softwareVersion: string;
  readonly releaseCounter: number;
}

const sectorBytes = 4096;
const factoryBytes = 16 * 1024;
/** The longest image that a unit takes; the files grow only as far as they are written. */
const usualSlot = 256 * 1024 * 1024;

/**
 * A car with simulated control units, whose flash lies in files of a directory: it is found again as it was left.
 *
 * An image that begins with `unhealthy` is found so by the unit's own check, one that begins with `boot-loop` does not
 * come up: so a bad release can be made, uploaded and signed like a good one.
 *
 * @example
 * const car = new SimulatedCar('/var/lib/car', [{ ecuId: 'engine', hardwareId: 'engine-1', softwareVersion: '1.0.0', releaseCounter: 1 }]);
 * Vehicle.open({ …, updates: { ecus: car.ecus, body: car.body, verification } });
 */
export class SimulatedCar {
  readonly ecus: readonly SimulatedEcu[];
  readonly body: SimulatedBody;
  private readonly disks: FileDisk[] = [];

  constructor(directory: string, units: readonly SimulatedUnit[], slotBytes: number = usualSlot) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    this.body = new SimulatedBody(this.disk(directory, 'body'));
    this.ecus = units.map((unit) => {
      const ecu = new SimulatedEcu(unit.ecuId, this.disk(directory, unit.ecuId), slotBytes);
      const { hardwareId, softwareVersion, releaseCounter } = unit;
      const serialNumber = createHash('sha256').update(`${directory} ${unit.ecuId}`).digest('hex').slice(0, 12);
      ecu.buildIn({ serialNumber, hardwareId, softwareVersion, releaseCounter, image: factoryImage(unit) });
      return ecu;
    });
  }

  /** @throws RangeError where the car has no such unit */
  ecu(ecuId: string): SimulatedEcu {
    const found = this.ecus.find((ecu) => ecu.ecuId === ecuId);
    if (found === undefined) throw new RangeError(`there is no ${ecuId}`);
    return found;
  }

  close(): void {
    for (const disk of this.disks.splice(0)) disk.close();
  }

  private disk(directory: string, name: string): FileDisk {
    const disk = new FileDisk(join(directory, `${encodeURIComponent(name)}.flash`), sectorBytes);
    this.disks.push(disk);
    return disk;
  }
}

/** What a unit comes with from the factory: the base of a delta, for instance. */
export function factoryImage({ hardwareId, softwareVersion }: SimulatedUnit): Uint8Array {
  return Buffer.alloc(factoryBytes, `${hardwareId} ${softwareVersion}\n`);
}

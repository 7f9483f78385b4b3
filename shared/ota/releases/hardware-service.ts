import { type Caller, requireBrand } from '../../access/caller.ts';
import { Failure } from '../../kernel/failure.ts';
import type { Page, PageRequest } from '../../kernel/paging.ts';
import type { Brand } from '../../registry/brand.ts';
import type { Hardware } from './hardware.ts';
import type { HardwareRepository } from './release-repository.ts';

/** The catalogue of control units that software can be released for. */
export class HardwareService {
  readonly #hardware: HardwareRepository;

  constructor(hardware: HardwareRepository) {
    this.#hardware = hardware;
  }

  /** `created` is false when it was there with the very same data. */
  async add(caller: Caller, hardware: Hardware): Promise<{ created: boolean; hardware: Hardware }> {
    requireBrand(caller, hardware.brand);
    if (await this.#hardware.add(hardware)) return { created: true, hardware };
    const known = await this.#hardware.load(hardware.brand, hardware.hardwareId);
    if (known?.ecuId === hardware.ecuId && known.slotBytes === hardware.slotBytes)
      return { created: false, hardware: known };
    throw new Failure(
      'conflict',
      'hardware-known-otherwise',
      'The catalogue says something else of this hardware id.',
      {
        resolution: 'A part number never changes what it is: compare, and take another one for other hardware.',
      },
    );
  }

  list(caller: Caller, brand: Brand, page: PageRequest): Promise<Page<Hardware>> {
    requireBrand(caller, brand);
    return this.#hardware.list(brand, page);
  }
}

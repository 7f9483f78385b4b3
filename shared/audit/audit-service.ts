import { type Caller, requireEveryBrand } from '../access/caller.ts';
import type { Page, PageRequest } from '../kernel/paging.ts';
import type { Brand } from '../registry/brand.ts';
import { isVehicleId } from '../registry/vehicle-id.ts';
import type { VehicleService } from '../registry/vehicle-service.ts';
import type { AuditRecord, AuditSubject } from './audit-record.ts';
import type { AuditArchive, AuditQuery } from './audit-trail.ts';

export interface AuditPorts {
  readonly vehicles: VehicleService;
  readonly archive: AuditArchive;
  /** Every brand of this deployment. */
  readonly brands: readonly Brand[];
}

/** Shows records to who may see what they are about. */
export class AuditService {
  readonly #ports: AuditPorts;

  constructor(ports: AuditPorts) {
    this.#ports = ports;
  }

  async records(caller: Caller, query: AuditQuery, page: PageRequest): Promise<Page<AuditRecord>> {
    await this.#permit(caller, query.subject);
    return this.#ports.archive.records(query, page);
  }

  async #permit(caller: Caller, subject: AuditSubject): Promise<void> {
    if (subject.kind === 'vehicle' && isVehicleId(subject.id)) {
      await this.#ports.vehicles.requireTrace(caller, subject.id);
    } else requireEveryBrand(caller, this.#ports.brands);
  }
}

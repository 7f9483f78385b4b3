import type { Clock } from '../kernel/clock.ts';
import type { FieldError } from '../kernel/failure.ts';
import type { Brand } from '../registry/brand.ts';
import { enrolled } from '../registry/enrolment.ts';
import { firstHomeAlone, type Homes } from '../registry/home.ts';
import { type RegistrationOrder, registered, type Vehicle } from '../registry/vehicle.ts';
import type { VehicleRepository } from '../registry/vehicle-repository.ts';
import { allAtMost } from './all-at-most.ts';
import type { Import } from './import.ts';
import { candidateIn, type Layout } from './layout.ts';
import { type LineOutcome, lineFailed } from './line-outcome.ts';
import type { Line } from './line-reader.ts';
import { type Digest, lineOf, vehicleIdOfLine } from './line-vehicle-id.ts';

/** The rules of the API for one vehicle: those of its route, not others that resemble them. */
export type Judge = (value: unknown) => { registration: RegistrationOrder } | { errors: readonly FieldError[] };

export interface RegistrationPorts {
  readonly vehicles: VehicleRepository;
  readonly judge: Judge;
  readonly digest: Digest;
  readonly clock: Clock;
  /** Every brand of this deployment. */
  readonly brands: readonly Brand[];
  readonly homes?: Homes;
}

type Owner = Pick<Import, 'importId' | 'brands'>;

interface Entry {
  readonly line: number;
  readonly registration: RegistrationOrder;
}

/** So many vehicles at once: enough to hide the way to the table, few enough to share it. */
const atOnce = 32;

/** Registers the vehicles of some lines; what comes of each is the same however often that is done. */
export class LineRegistration {
  readonly #ports: RegistrationPorts;

  constructor(ports: RegistrationPorts) {
    this.#ports = ports;
  }

  /** In the order of the lines, without those that say nothing. */
  async register(owner: Owner, layout: Layout, lines: readonly Line[]): Promise<readonly LineOutcome[]> {
    const outcomes = new Map<number, LineOutcome>();
    const byVin = new Map<string, Entry[]>();
    for (const line of lines) {
      const judged = this.#judged(owner, layout, line);
      if (judged === undefined) continue;
      if ('kind' in judged) outcomes.set(line.number, judged);
      else byVin.set(judged.registration.vin, [...(byVin.get(judged.registration.vin) ?? []), judged]);
    }
    // A VIN that stands there twice is registered by its first line: one after the other, whatever else goes on.
    await allAtMost(atOnce, [...byVin.values()], async (entries) => {
      for (const entry of entries) outcomes.set(entry.line, await this.#enrolled(owner, entry));
    });
    return [...outcomes].sort(([one], [other]) => one - other).map(([, outcome]) => outcome);
  }

  #judged(owner: Owner, layout: Layout, { number: line, content }: Line): Entry | LineOutcome | undefined {
    if (content.kind === 'too-long') {
      return lineFailed(line, { code: 'line-too-long', detail: 'The line is longer than 64 KiB.' });
    }
    if (content.kind === 'not-utf-8') {
      return lineFailed(line, { code: 'not-utf-8', detail: 'The line holds bytes that are no UTF-8.' });
    }
    const candidate = candidateIn(content.text, layout);
    if ('kind' in candidate) return undefined;
    if ('fault' in candidate) return lineFailed(line, candidate.fault);
    const judged = this.#ports.judge(candidate.value);
    if ('errors' in judged) return invalid(line, judged.errors);
    const refusal = this.#refusal(owner, judged.registration);
    return refusal === undefined ? { line, registration: judged.registration } : lineFailed(line, refusal);
  }

  #refusal({ brands }: Owner, { brand, home }: RegistrationOrder) {
    if (!this.#ports.brands.includes(brand)) {
      return { code: 'unknown-brand', detail: `There is no brand ${brand} here.` };
    }
    if (!brands.includes(brand)) {
      return { code: 'brand-not-allowed', detail: `This client does not act for the brand ${brand}.` };
    }
    const { names } = this.#ports.homes ?? firstHomeAlone;
    if (home === undefined || names.includes(home)) return undefined;
    return { code: 'home-unknown', detail: `There is no home called ${home} here; there are ${names.join(', ')}.` };
  }

  async #enrolled({ importId }: Owner, { line, registration }: Entry): Promise<LineOutcome> {
    const { vehicles, digest, clock, homes } = this.#ports;
    const vehicle = registered(registration, vehicleIdOfLine(digest, importId, line), clock.now(), homes);
    const enrolment = await enrolled(vehicles, vehicle, registration.home);
    switch (enrolment.kind) {
      case 'created':
        return { kind: 'registered' };
      case 'unchanged':
        return { kind: 'unchanged' };
      case 'retired':
        return lineFailed(line, vinRetired);
      case 'taken':
        return lineFailed(line, this.#taken(importId, enrolment.by));
    }
  }

  #taken(importId: Import['importId'], by: Vehicle | undefined) {
    const first = by === undefined ? undefined : lineOf(this.#ports.digest, importId, by.vehicleId);
    const errors = [{ pointer: '/vin', detail: 'belongs to a vehicle with other data' }];
    if (first === undefined) {
      return { code: 'vin-already-registered', detail: 'This VIN is registered with other data.', errors };
    }
    return { code: 'vin-twice', detail: `This VIN stands in line ${first} with other data, which counts.`, errors };
  }
}

const vinRetired = {
  code: 'vehicle-retired',
  detail: 'The vehicle with this VIN is retired; once its data are erased, its VIN can be registered anew.',
  errors: [{ pointer: '/vin', detail: 'belongs to a retired vehicle' }],
};

function invalid(line: number, errors: readonly FieldError[]): LineOutcome {
  const named = errors
    .slice(0, 3)
    .map(({ pointer, detail }) => `${pointer === '' ? 'it' : pointer.slice(1, 61)} ${detail}`);
  return lineFailed(line, { code: 'invalid-line', detail: `The line is no vehicle: ${named.join(', ')}.`, errors });
}

import { Bandwidth } from './bandwidth.ts';
import { type BillItem, billOf } from './bill.ts';
import { consumptionOf, type Resource, resources, type UpdateStep, updateSteps } from './consumption.ts';
import { QuotaGauge, type QuotaUse } from './quota-gauge.ts';
import type { CloudQuotas } from './scenario.ts';

type Limited = keyof CloudQuotas;

/** What a campaign asks of the cloud, against its quotas, and what that costs. */
export class CloudLoad {
  readonly #gauges: ReadonlyMap<Resource, QuotaGauge>;
  readonly #consumed = new Map<Resource, number>();

  readonly #bandwidth: Bandwidth;

  /** @param end ms */
  constructor(quotas: CloudQuotas, end: number) {
    this.#bandwidth = new Bandwidth(end);
    this.#gauges = new Map(
      Object.entries(quotas).map(([resource, quota]) => [limited(resource), new QuotaGauge(quota)] as const),
    );
  }

  /** What the run does of all vehicles before, at whatever pace it has. */
  begin(step: UpdateStep, vehicles: number): void {
    for (const [resource, units] of stepEntries.get(step) ?? []) this.#consumed.set(resource, units * vehicles);
  }

  /** @param at ms. @returns ms when the cloud has done what the step asks of it */
  take(step: UpdateStep, at: number): number {
    let done = at;
    for (const [resource, units] of stepEntries.get(step) ?? []) done = Math.max(done, this.#ask(resource, at, units));
    return done;
  }

  /** @param own ms when the vehicle's own network has brought it. @returns ms when it is there, behind those before */
  download(at: number, own: number, bytes: number): number {
    const done = Math.max(own, this.#ask('downloadedBytes', at, bytes));
    this.#bandwidth.add(at, done, bytes);
    return done;
  }

  get bill(): readonly BillItem[] {
    return billOf(Object.fromEntries(this.#consumed));
  }

  get quotas(): Readonly<Partial<Record<Resource, QuotaUse>>> {
    const uses = [...this.#gauges].map(([resource, gauge]) => [resource, gauge.use] as const);
    // Nobody gets a gigabyte in the second in which they ask for it.
    const spread = { peak: Math.round(this.#bandwidth.peak) };
    return Object.fromEntries(
      uses.map(([resource, use]) => [resource, resource === 'downloadedBytes' ? { ...use, ...spread } : use]),
    );
  }

  #ask(resource: Resource, at: number, units: number): number {
    this.#consumed.set(resource, (this.#consumed.get(resource) ?? 0) + units);
    return this.#gauges.get(resource)?.ask(at, units) ?? at;
  }
}

/** Read a million times: found out once. */
const stepEntries: ReadonlyMap<UpdateStep, readonly (readonly [Resource, number])[]> = new Map(
  updateSteps.map((step) => [step, entriesOf(step)]),
);

function entriesOf(step: UpdateStep): readonly (readonly [Resource, number])[] {
  const consumption: Readonly<Partial<Record<Resource, number>>> = consumptionOf[step];
  return resources.flatMap((resource) => {
    const units = consumption[resource];
    return units === undefined ? [] : [[resource, units] as const];
  });
}

function limited(name: string): Resource & Limited {
  const found = resources.find((resource) => resource === name);
  if (found === undefined || !isLimited(found)) throw new RangeError(`There is no quota for ${name}.`);
  return found;
}

function isLimited(resource: Resource): resource is Resource & Limited {
  return limitedResources.some((one) => one === resource);
}

const limitedResources: readonly Limited[] = [
  'shadowOperations',
  'messages',
  'registryOperations',
  'jobReads',
  'jobWrites',
  'signatures',
  'tableWrites',
  'downloadedBytes',
];

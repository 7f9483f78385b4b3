import { type BillItem, billOf } from './bill.ts';
import { consumptionOf, type Resource, resources, type UpdateStep } from './consumption.ts';
import { QuotaGauge, type QuotaUse } from './quota-gauge.ts';
import type { CloudQuotas } from './scenario.ts';

type Limited = keyof CloudQuotas;

/** What a campaign asks of the cloud, against its quotas, and what that costs. */
export class CloudLoad {
  readonly #gauges: ReadonlyMap<Resource, QuotaGauge>;
  readonly #consumed = new Map<Resource, number>();

  constructor(quotas: CloudQuotas) {
    this.#gauges = new Map(
      Object.entries(quotas).map(([resource, quota]) => [limited(resource), new QuotaGauge(quota)] as const),
    );
  }

  /** @param at ms. @returns ms when the cloud has done what the step asks of it */
  take(step: UpdateStep, at: number): number {
    let done = at;
    for (const [resource, units] of stepEntries[step]) done = Math.max(done, this.#ask(resource, at, units));
    return done;
  }

  /** @returns ms when the edge has sent so many bytes, behind those that came before */
  download(at: number, bytes: number): number {
    return this.#ask('downloadedBytes', at, bytes);
  }

  get bill(): readonly BillItem[] {
    return billOf(Object.fromEntries(this.#consumed));
  }

  get quotas(): Readonly<Partial<Record<Resource, QuotaUse>>> {
    return Object.fromEntries([...this.#gauges].map(([resource, gauge]) => [resource, gauge.use]));
  }

  #ask(resource: Resource, at: number, units: number): number {
    this.#consumed.set(resource, (this.#consumed.get(resource) ?? 0) + units);
    return this.#gauges.get(resource)?.ask(at, units) ?? at;
  }
}

/** Read a million times: found out once. */
const stepEntries: Readonly<Record<UpdateStep, readonly (readonly [Resource, number])[]>> = {
  offered: entriesOf('offered'),
  reminded: entriesOf('reminded'),
  decided: entriesOf('decided'),
  joined: entriesOf('joined'),
  asked: entriesOf('asked'),
  downloaded: entriesOf('downloaded'),
  began: entriesOf('began'),
  ended: entriesOf('ended'),
};

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

import { Bandwidth } from './bandwidth.ts';
import { type BillItem, billOf } from './bill.ts';
import {
  type Consumption,
  consumptionOf,
  type DeviceCloud,
  type Resource,
  resources,
  type StepConsumption,
  type UpdateStep,
  updateSteps,
} from './consumption.ts';
import { type AllowanceUse, DailyAllowance } from './daily-allowance.ts';
import { QuotaGauge, type QuotaUse } from './quota-gauge.ts';
import type { CloudQuotas } from './scenario.ts';

/** What a campaign asks of the cloud, against its quotas, and what that costs. */
export class CloudLoad {
  readonly #gauges: ReadonlyMap<Resource, QuotaGauge>;
  readonly #consumed = new Map<Resource, number>();

  /** Asked for a million times: found out once. */
  readonly #steps: ReadonlyMap<UpdateStep, StepEntries>;
  readonly #bandwidth: Bandwidth;
  readonly #allowance: DailyAllowance | undefined;

  /** @param end ms. @param deviceCloud other than the first one */
  constructor(quotas: CloudQuotas, end: number, deviceCloud?: DeviceCloud) {
    this.#bandwidth = new Bandwidth(end);
    const limits = { ...quotas, ...deviceCloud?.quotas };
    this.#gauges = new Map(
      Object.entries(limits).map(([resource, quota]) => [known(resource), new QuotaGauge(quota)] as const),
    );
    this.#allowance = deviceCloud && new DailyAllowance(deviceCloud.messagesPerDay);
    const own = new Set(Object.keys(deviceCloud?.quotas ?? {}));
    const table: StepConsumption = deviceCloud?.consumption ?? consumptionOf;
    this.#steps = new Map(updateSteps.map((step) => [step, entriesOf(table[step], own)]));
  }

  /** What the run does of all vehicles before, at whatever pace it has. */
  begin(step: UpdateStep, vehicles: number): void {
    const { usual = [], own = [] } = this.#steps.get(step) ?? {};
    for (const [resource, units] of [...usual, ...own]) this.#consumed.set(resource, units * vehicles);
  }

  /** @param at ms. @returns ms when the cloud has done what the step asks of it */
  take(step: UpdateStep, at: number): number {
    const { usual = [], own = [], messages = 0 } = this.#steps.get(step) ?? {};
    // What has to wait for tomorrow does not stand in the way of others today.
    const begins = messages > 0 ? (this.#allowance?.ask(at, messages) ?? at) : at;
    let done = begins;
    for (const [resource, units] of usual) done = Math.max(done, this.#ask(resource, at, units));
    for (const [resource, units] of own) done = Math.max(done, this.#ask(resource, begins, units));
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

  get messages(): AllowanceUse | undefined {
    return this.#allowance?.use;
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

interface StepEntries {
  readonly usual: readonly (readonly [Resource, number])[];
  /** Of the device cloud, within its day's messages. */
  readonly own: readonly (readonly [Resource, number])[];
  readonly messages: number;
}

function entriesOf(consumption: Consumption, own: ReadonlySet<string>): StepEntries {
  const entries = resources.flatMap((resource) => {
    const units = consumption[resource];
    return units === undefined ? [] : [[resource, units] as const];
  });
  return {
    usual: entries.filter(([resource]) => !own.has(resource)),
    own: entries.filter(([resource]) => own.has(resource)),
    messages: consumption.carriedMessages ?? 0,
  };
}

function known(name: string): Resource {
  const found = resources.find((resource) => resource === name);
  if (found === undefined) throw new RangeError(`There is no quota for ${name}.`);
  return found;
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Administrator } from '#local/tour/administrator.ts';
import { ApiClient } from '#local/tour/api-client.ts';
import { hashes, ReleaseDesk } from '#local/tour/release-desk.ts';
import { at } from '#local/tour/telling.ts';
import { campaignJobId, ruleNames, vehicleTopics } from '#shared/vehicle-cloud/topics.ts';
import { aReleaseOf } from '../support/sample-release.ts';
import { inTurn, model, seeded, units, Voices } from './campaign-fleet.ts';
import { type Figure, rounded } from './figure.ts';
import { Meter } from './meter.ts';
import type { Reading } from './metered-cloud.ts';
import { VehiclesLine } from './vehicles-line.ts';

/** BENCH_VEHICLES and BENCH_INSTALLED try it in small. */
const vehicles = Number(process.env['BENCH_VEHICLES'] ?? 10_000);
/** So many of them accept, and go through to the end; the others only hear of it. */
const accepting = Math.min(vehicles, Number(process.env['BENCH_INSTALLED'] ?? 1_000));
const connections = 24;
/** Seconds. The offers begin when everybody is enlisted: the clock is moved near it. */
const startsIn = 3_600;
const near = 20;
const rules = ruleNames('dev');

/**
 * Ten thousand vehicles in one campaign. The cloud is whole; of the vehicles there is what they say and hear: over a
 * few connections that share it, with the signed manifests of four control units each, without downloads and flash.
 */
export async function campaignFigures(): Promise<readonly Figure[]> {
  const state = mkdtempSync(join(tmpdir(), 'fleetloom-bench-'));
  const meter = await Meter.start(state);
  const memory: number[] = [];
  const watch = setInterval(() => memory.push(meter.memory()), 2_000);
  try {
    return await new CampaignBench(meter, state).figures(memory);
  } finally {
    clearInterval(watch);
    await meter.stop();
    rmSync(state, { recursive: true, force: true });
  }
}

class CampaignBench {
  readonly #meter: Meter;
  readonly #operator: ApiClient;
  readonly #desk: ReleaseDesk;
  readonly #voices = new Map<string, Voices>();
  readonly #offered = new Set<string>();
  readonly #released = new Set<string>();
  readonly #answered = new Set<string>();
  #path = '';
  #campaignId = '';
  #startAt = 0;
  #lastOffer = 0;

  constructor(meter: Meter, state: string) {
    this.#meter = meter;
    this.#operator = new ApiClient(meter.cloud, 'operator');
    this.#desk = new ReleaseDesk(meter.cloud, join(state, 'desk'));
  }

  async figures(memory: number[]): Promise<readonly Figure[]> {
    const meter = this.#meter;
    const before = meter.memory();
    const ids = await seeded(meter, vehicles);
    await this.#quiet();
    say(`${vehicles} vehicles stand in the registry`);
    await this.#drafted(await this.#release());
    memory.length = 0;

    const start = { at: performance.now(), cpu: meter.cpu(), read: await meter.read() };
    await this.#step('start');
    const enlisted = await this.#until((counts) => sum(counts) === vehicles);
    await this.#quiet();
    const offering = { cpu: meter.cpu(), read: await meter.read() };
    say(`enlisted after ${seconds(enlisted - start.at)} s`);

    await new Administrator(meter.cloud).letTimePass(startsIn - near);
    const line = await VehiclesLine.open(meter.cloud, connections, filters, (topic, payload) =>
      this.#heard(topic, payload),
    );
    const moved = performance.now() + this.#startAt - (startsIn - near) * 1000 - Date.now();
    await this.#until((counts) => (counts['offered'] ?? 0) === vehicles);
    while (this.#offered.size < vehicles) await pause(100);
    await this.#quiet();
    const told = { cpu: meter.cpu(), read: await meter.read() };
    say(`notified after ${seconds(this.#lastOffer - moved)} s`);

    const begun = performance.now();
    await this.#install(line, ids.slice(0, accepting));
    const took = performance.now() - begun;
    const statistics = await this.#operator.get(`${this.#path}/statistics`);
    const done = { cpu: meter.cpu(), read: await meter.read() };
    line.close();
    say(JSON.stringify(statistics.body));
    say(JSON.stringify(between(told.read, done.read, accepting), undefined, 1));
    const exact = isExact(statistics.body);
    const offers = writeUnits(offering.read, told.read) / vehicles;
    const course = writeUnits(told.read, done.read) / accepting;
    const quarter = Math.ceil(memory.length / 4);
    return [
      { name: 'campaign-enlisted-after', value: seconds(enlisted - start.at), unit: 's' },
      { name: 'campaign-notified-after', value: seconds(this.#lastOffer - moved), unit: 's', limit: 60 },
      {
        name: 'campaign-cpu-enlisted',
        value: rounded((1000 * (offering.cpu - start.cpu)) / vehicles),
        unit: 'ms/target',
      },
      {
        name: 'campaign-cpu-notified',
        value: rounded((1000 * (told.cpu - offering.cpu)) / vehicles),
        unit: 'ms/target',
      },
      { name: 'campaign-cpu-installed', value: rounded((1000 * (done.cpu - told.cpu)) / accepting), unit: 'ms/target' },
      { name: 'campaign-installed-rate', value: rounded((1000 * accepting) / took), unit: 'vehicles/s' },
      { name: 'campaign-memory-before', value: rounded(before), unit: 'MB' },
      { name: 'campaign-memory-first-quarter', value: rounded(Math.max(...memory.slice(0, quarter))), unit: 'MB' },
      { name: 'campaign-memory-last-quarter', value: rounded(Math.max(...memory.slice(-quarter))), unit: 'MB' },
      {
        name: 'campaign-writes-enlisted',
        value: rounded(writeUnits(start.read, offering.read) / vehicles),
        unit: 'WU/target',
      },
      { name: 'campaign-writes-offered', value: rounded(offers), unit: 'WU/target' },
      { name: 'campaign-writes-offer-to-done', value: rounded(offers + course), unit: 'WU/target', limit: 12 },
      { name: 'campaign-scans-after-enlisting', value: scans(offering.read, done.read), unit: '', limit: 0 },
      { name: 'campaign-statistics-off', value: exact ? 0 : 1, unit: '', limit: 0 },
    ];
  }

  async #release(): Promise<string> {
    const contents = new Map(units.map(({ ecuId }) => [ecuId, Buffer.alloc(4_000, `${ecuId} 2 `)]));
    const images = units.map(({ ecuId, hardwareId }) => {
      const its = { ecuId, hardwareIds: [hardwareId], softwareVersion: '2.0.0', releaseCounter: 2 };
      return { ...its, ...hashes(contents.get(ecuId) ?? Buffer.alloc(0)) };
    });
    for (const { ecuId, hardwareId } of units) {
      await this.#operator.post('/v1/hardware', { brand: 'volkswagen', hardwareId, ecuId, slotBytes: 1_000_000 });
    }
    await this.#desk.roots();
    const { releaseId } = await this.#desk.release('volkswagen', aReleaseOf(images, { preconditions: [] }), contents);
    await this.#approved(`/v1/releases/${releaseId}`);
    return releaseId;
  }

  async #drafted(releaseId: string): Promise<void> {
    this.#startAt = Date.now() + startsIn * 1000;
    const startAt = new Date(this.#startAt).toISOString();
    const plan = { name: 'Bench', releaseId, rollout: { rate: { kind: 'unlimited' }, startAt } };
    const { body } = await this.#operator.post('/v1/campaigns', { ...plan, query: { models: [model] } });
    this.#campaignId = String(at(body, 'campaignId'));
    this.#path = `/v1/campaigns/${this.#campaignId}`;
    await this.#step('estimate');
    while (at((await this.#operator.get(this.#path)).body, 'estimate', 'vehicles') !== vehicles) await pause(250);
    await this.#approved(this.#path);
  }

  async #approved(path: string): Promise<void> {
    for (const name of ['quality', 'safety']) {
      await new ApiClient(this.#meter.cloud, name).post(`${path}/approve`, undefined);
    }
  }

  async #step(verb: string): Promise<void> {
    const { status, body } = await this.#operator.post(`${this.#path}/${verb}`, undefined);
    if (status >= 300) throw new Error(`${verb} was answered ${status} ${JSON.stringify(body)}`);
  }

  /** Each vehicle says yes, asks the Director twice, installs, and tells what it runs; all of them one thing at a time. */
  async #install(line: VehiclesLine, ids: readonly string[]): Promise<void> {
    const campaignId = this.#campaignId;
    const each = (work: (vehicleId: string) => Promise<unknown>) => inTurn(ids, 8 * connections, work);
    const report = (vehicleId: string, body: object) =>
      line.publish(vehicleTopics(vehicleId, rules).updateReportTopic, { campaignId, ...body });
    const progress = (vehicleId: string, sequence: number, phase: string, percent: number) =>
      report(vehicleId, { kind: 'progress', attempt: 1, sequence, phase, percent, at: Date.now() });
    const job = (vehicleId: string, body: object) =>
      line.publish(
        `${vehicleTopics(vehicleId, rules).jobsTopicPrefix}/${campaignJobId('dev', campaignId)}/update`,
        body,
      );
    await each((vehicleId) => {
      const now = Date.now() + startsIn * 1000;
      const decision = { kind: 'accept', from: now - 60_000, to: now + 24 * 3_600_000 };
      return report(vehicleId, { kind: 'decision', revision: 1, at: now, decision });
    });
    await all(this.#released, ids.length);
    say('released');
    await each((vehicleId) => this.#ask(report, vehicleId, 'download'));
    await all(this.#answered, ids.length);
    for (const [place, percent] of [0, 25, 50, 75, 100].entries()) {
      await each((vehicleId) => progress(vehicleId, place + 1, 'downloading', percent));
    }
    say('downloaded');
    this.#answered.clear();
    await each((vehicleId) => this.#ask(report, vehicleId, 'install'));
    await all(this.#answered, ids.length);
    await each((vehicleId) => job(vehicleId, { status: 'IN_PROGRESS', stepTimeoutInMinutes: 80 }));
    for (const [place, percent] of [0, 25, 50, 75, 100].entries()) {
      await each((vehicleId) => progress(vehicleId, place + 6, 'installing', percent));
    }
    await this.#until((counts) => counts['working'] === ids.length);
    say('installing');
    const ecus = units.map((unit) => ({ ...unit, softwareVersion: '2.0.0', releaseCounter: 2 }));
    await each(async (vehicleId) => {
      const result = { kind: 'result', attempt: 1, sequence: 20, safety: 'safe', ecus, at: Date.now() };
      await report(vehicleId, { ...result, outcome: 'installed', softwareVersion: '5.0.0' });
      await job(vehicleId, { status: 'SUCCEEDED' });
      const inventory = { sequence: 2, softwareVersion: '5.0.0', ecus };
      await line.publish(vehicleTopics(vehicleId, rules).inventoryTopic, inventory);
    });
    await this.#until((counts) => counts['installed'] === ids.length);
    await this.#quiet();
  }

  async #ask(report: (vehicleId: string, body: object) => Promise<void>, vehicleId: string, purpose: string) {
    const voices = this.#voices.get(vehicleId) ?? new Voices();
    this.#voices.set(vehicleId, voices);
    const requestId = crypto.randomUUID();
    await report(vehicleId, { kind: 'ask', requestId, purpose, manifest: await voices.manifest(vehicleId, requestId) });
  }

  #heard(topic: string, payload: Buffer): void {
    const [, , thing = ''] = topic.split('/');
    const message: unknown = JSON.parse(payload.toString('utf8'));
    if (topic.endsWith('/ota/update/delta')) {
      if (at(message, 'state', 'offer', 'state', 'status') !== 'offered') return;
      this.#offered.add(thing);
      this.#lastOffer = performance.now();
    } else if (topic.endsWith('/jobs/notify')) {
      if (at(message, 'jobs', 'QUEUED') !== undefined) this.#released.add(thing);
    } else if (at(message, 'kind') === 'metadata') this.#answered.add(topic);
    else if (topic.endsWith('/accepted')) return;
    else say(`${topic}: ${payload.toString('utf8').slice(0, 200)}`);
  }

  /** When the counters were so. */
  async #until(reached: (total: Readonly<Record<string, number>>) => boolean): Promise<number> {
    for (;;) {
      const { body } = await this.#operator.get(`${this.#path}/statistics`);
      const total = at(body, 'total');
      if (typeof total === 'object' && total !== null && reached({ ...total })) return performance.now();
      await pause(250);
    }
  }

  /** Until nothing was written for some seconds. */
  async #quiet(): Promise<void> {
    let [seen, since] = [-1, performance.now()];
    while (performance.now() - since < 4_000) {
      const { writeUnits: now = 0 } = (await this.#meter.read()).units;
      if (now !== seen) [seen, since] = [now, performance.now()];
      await pause(500);
    }
  }
}

const filters = ['$aws/things/+/shadow/name/ota/update/delta', '$aws/things/+/jobs/notify', 'vehicles/+/ota'];

async function all(set: ReadonlySet<string>, count: number): Promise<void> {
  while (set.size < count) await pause(100);
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, one) => total + one, 0);
}

function writeUnits(before: Reading, after: Reading): number {
  return (after.units.writeUnits ?? 0) - (before.units.writeUnits ?? 0);
}

/** Of the registry, and of whatever lists the campaign's vehicles by something else than their own index. */
function scans(before: Reading, after: Reading): number {
  const times = (label: string) => (after.calls[label]?.times ?? 0) - (before.calls[label]?.times ?? 0);
  const isScan = (label: string) => label.endsWith(':Scan') || /Registry.*:Query$/.test(label);
  return Object.keys(after.calls)
    .filter(isScan)
    .reduce((total, label) => total + times(label), 0);
}

/** What each table wrote for one of them. */
function between(before: Reading, after: Reading, count: number) {
  return Object.entries(after.calls).flatMap(([label, { times, writeUnits: units_ }]) => {
    const known = before.calls[label] ?? { times: 0, writeUnits: 0 };
    const [calls, wrote] = [(times - known.times) / count, (units_ - known.writeUnits) / count];
    return calls < 0.001 ? [] : [`${label}: ${rounded(calls)} calls, ${rounded(wrote)} WU`];
  });
}

function isExact(statistics: unknown): boolean {
  const wanted = { installed: accepting, offered: vehicles - accepting };
  const holds = (counts: unknown, expected: Readonly<Record<string, number>>) =>
    Object.entries(expected).every(([name, count]) => (at(counts, name) ?? 0) === count);
  const half = { installed: accepting / 2, offered: (vehicles - accepting) / 2 };
  return (
    holds(at(statistics, 'total'), wanted) &&
    holds(at(statistics, 'byModel', model), wanted) &&
    ['FR', 'DE'].every((market) => holds(at(statistics, 'byMarket', market), half))
  );
}

function seconds(ms: number): number {
  return rounded(ms / 1000);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

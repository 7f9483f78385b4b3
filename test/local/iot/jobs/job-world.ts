import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClientConnection } from '#local/iot/broker/connection.ts';
import { DeviceOperations } from '#local/iot/jobs/device-operations.ts';
import { Jobs, type NewJob } from '#local/iot/jobs/jobs.ts';
import { JobsOnMqtt } from '#local/iot/jobs/jobs-on-mqtt.ts';
import { iotArns } from '#local/iot/registry/arns.ts';
import { Registry } from '#local/iot/registry/registry.ts';
import { State } from '#local/state/collection.ts';
import { ManualClock } from '../../../support/manual-clock.ts';

const plain = ({ document }: { readonly document: string }) => document;

export const arns = iotArns('eu-central-1', '000000000000');

/** A message as the device or a rule sees it. */
export interface Sent {
  readonly topic: string;
  readonly body: unknown;
}

const device: ClientConnection = {
  ...{ clientId: 'car', principalId: 'certificate', protocolVersion: 5, sessionIdentifier: 'session' },
  ...{ ipAddress: '127.0.0.1', connectedAt: 0 },
};

/** The jobs service on time that stands still until a test moves it; answers and notifications are only noted. */
export class JobWorld {
  readonly clock = new ManualClock(1_700_000_000_000);
  /** Answers and notifications, in their order. */
  readonly sent: Sent[] = [];
  readonly log: string[] = [];
  registry: Registry;
  jobs: Jobs;
  #directory = mkdtempSync(join(tmpdir(), 'jobs-'));
  #state: State;
  #mqtt: JobsOnMqtt;

  constructor(ratePerMinute?: number) {
    ({ state: this.#state, registry: this.registry, jobs: this.jobs, mqtt: this.#mqtt } = this.#open(ratePerMinute));
  }

  #open(ratePerMinute: number | undefined) {
    const { clock, log, sent } = this;
    const state = new State(this.#directory);
    const registry = new Registry({ state, arns, clock });
    const note = (topic: string, payload: Buffer) => void sent.push({ topic, body: JSON.parse(payload.toString()) });
    const say = (line: string) => void log.push(line);
    const jobs = new Jobs({
      ...{ registry, state, clock, log: say, publish: note, documents: plain },
      ...(ratePerMinute !== undefined && { ratePerMinute }),
    });
    const operations = new DeviceOperations(jobs, plain);
    const mqtt = new JobsOnMqtt({ operations, clock, log: say, answer: (_, topic, payload) => note(topic, payload) });
    return { state, registry, jobs, mqtt };
  }

  /** As after `kill -9`: what is on disk comes back. */
  restart(): void {
    this.jobs.close();
    this.#state.close();
    ({ state: this.#state, registry: this.registry, jobs: this.jobs, mqtt: this.#mqtt } = this.#open(undefined));
    this.jobs.resume();
    this.settle();
  }

  close(): void {
    this.jobs.close();
    this.#state.close();
    rmSync(this.#directory, { recursive: true });
  }

  /** What happens soon happens now. */
  settle(): void {
    this.clock.advance(0);
  }

  minutes(count: number): void {
    this.clock.advance(count * 60_000);
  }

  things(...names: readonly string[]): void {
    for (const thingName of names) this.registry.things.create({ thingName });
  }

  /** A job for these things and groups; by default a snapshot of one thing, `car`. */
  job(jobId: string, wish: Partial<NewJob> = {}): void {
    const targets = wish.targets ?? [arns.thing('car')];
    const document = JSON.stringify({ is: jobId });
    this.jobs.create({ targetSelection: 'SNAPSHOT', document, ...wish, jobId, targets }, arns.job(jobId));
    this.settle();
  }

  /** What the thing is sent in answer, notifications included. */
  ask(topic: string, body: unknown = {}, thingName = 'car'): readonly Sent[] {
    const before = this.sent.length;
    const payload = body instanceof Buffer ? body : Buffer.from(JSON.stringify(body));
    this.#mqtt.handle({ topic: `$aws/things/${thingName}/jobs/${topic}`, payload }, device);
    return this.sent.slice(before).map((one) => ({ ...one, topic: one.topic.split('/jobs/')[1] ?? one.topic }));
  }

  /** What was sent since the last call, on the topics of the jobs service. */
  heard(): readonly Sent[] {
    const all = this.sent.splice(0);
    return all.map((one) => ({ ...one, topic: one.topic.split('/jobs/')[1] ?? one.topic }));
  }

  status(jobId: string, thingName = 'car'): string | undefined {
    return this.jobs.records.latest(jobId, thingName)?.status;
  }
}

import { createHash } from 'node:crypto';
import { thisHost } from '#device-sdk/host.ts';
import type { Inventory } from '#device-sdk/inventory.ts';
import type { Verification } from '#device-sdk/ota/preparation.ts';
import { type FaultyDisk, Power } from '#device-sdk/ota/simulated/faulty-disk.ts';
import { SimulatedBody } from '#device-sdk/ota/simulated/simulated-body.ts';
import { SimulatedEcu } from '#device-sdk/ota/simulated/simulated-ecu.ts';
import type { UpdateSettings } from '#device-sdk/ota/update-settings.ts';
import type { VerifiedImage, VerifiedUpdate } from '#device-sdk/ota/verification/verified-update.ts';
import { Vehicle, type VehicleOptions } from '#device-sdk/vehicle.ts';
import type { RefusedUpdate } from '#shared/ota/uptane/attack.ts';
import { ruleNames, vehicleTopics } from '#shared/vehicle-cloud/topics.ts';
import type { DirectorAnswer, UpdateOffer, UpdateReport } from '#shared/vehicle-cloud/update-envelopes.ts';
import { TestCloud, temporaryDirectory } from '../test-cloud.ts';
import { FileServer } from './file-server.ts';

const rules = ruleNames('test');
export const campaignId = 'cmp-000000000aaaaaaaaaaa';
const imageBytes = 40_000;

function imageOf(ecuId: string, version: string): Buffer {
  const seed = createHash('sha256').update(`${ecuId} ${version}`).digest();
  return Buffer.alloc(imageBytes, seed);
}

function hash(bytes: Uint8Array, algorithm = 'sha256'): string {
  return createHash(algorithm).update(bytes).digest('hex');
}

export function offerOf(change: Partial<UpdateOffer> = {}): UpdateOffer {
  return {
    ...{ campaignId, releaseId: 'release-2', revision: 1, softwareVersion: '2.0.0' },
    texts: { en: { title: 'Version 2', notes: 'Parks by itself.', unavailable: 'The vehicle cannot be driven.' } },
    ...{ minutes: 20, bytes: 4 * imageBytes, recall: false, consentBy: 'owner', state: { status: 'offered' } },
    preconditions: [{ kind: 'parked' }, { kind: 'ignition-off' }, { kind: 'battery', percent: 50 }],
    ...change,
  };
}

interface Execution {
  readonly jobId: string;
  readonly executionNumber: number;
  readonly campaignId: string;
  status: string;
}

/** A cloud with campaigns, as a vehicle sees it: the offer's twin, jobs, a Director, a place for images. */
export class UpdateCloud {
  readonly cloud: TestCloud;
  readonly files: FileServer;
  readonly reports: UpdateReport[] = [];
  readonly executions: Execution[] = [];
  readonly jobRequests: string[] = [];
  /** What the Director answers; by default the update. */
  answer: (
    ask: Extract<UpdateReport, { kind: 'ask' }>,
  ) => Partial<Extract<DirectorAnswer, { kind: 'refused' }>> | undefined = () => undefined;
  update: VerifiedUpdate;
  /** What the manifest says besides. */
  reported: object = {};
  /** What the verification finds; nothing by default. */
  refusal: RefusedUpdate | undefined;
  /** The Director's files, where the verification is a real one; the Image repository's lie below `repository/`. */
  director: Extract<DirectorAnswer, { kind: 'metadata' }>['director'] = {
    roots: [],
    timestamp: '{}',
    snapshot: '{}',
    targets: '{}',
  };
  private readonly ecuIds: readonly string[];

  private constructor(cloud: TestCloud, files: FileServer, ecuIds: readonly string[]) {
    this.cloud = cloud;
    this.files = files;
    this.ecuIds = ecuIds;
    this.update = this.release('2.0.0');
    const { hub } = cloud;
    hub.serve(vehicleTopics('+', rules).updateReportTopic, (topic, payload) => {
      const report: UpdateReport = JSON.parse(payload);
      this.reports.push(report);
      const vehicleId = topic.split('/').at(-2) ?? '';
      if (report.kind === 'ask') this.direct(vehicleId, report);
    });
    hub.serve('$aws/things/+/jobs/#', (topic, payload, clientId) => this.jobs(topic, JSON.parse(payload), clientId));
  }

  static async open(ecuIds: readonly string[]): Promise<UpdateCloud> {
    return new UpdateCloud(await TestCloud.open(), await FileServer.open(), ecuIds);
  }

  /** Puts the images of a version where vehicles find them. */
  release(version: string): VerifiedUpdate {
    const images = this.ecuIds.map((ecuId): VerifiedImage => {
      const image = imageOf(ecuId, version);
      const path = `${ecuId}-${version}.bin`;
      this.files.files.set(path, image);
      return {
        ...{ ecuId, hardwareId: `${ecuId}-1`, softwareVersion: version, releaseCounter: Number(version.split('.')[0]) },
        ...{ path, length: image.length, hashes: { sha256: hash(image), sha512: hash(image, 'sha512') } },
      };
    });
    return {
      ...{ campaignId, releaseId: `release-${version}`, softwareVersion: version, images },
      ...{ timestampIssuedAt: Date.now(), preconditions: offerOf().preconditions },
    };
  }

  offer(vehicleId: string, offer: UpdateOffer | null): void {
    this.cloud.desire(vehicleId, 'ota', { offer });
  }

  /** What the campaign does once somebody has consented. */
  releaseTo(vehicleId: string, of = campaignId): void {
    const executionNumber = this.executions.length + 1;
    this.executions.push({ jobId: `fleetloom-test-${of}`, executionNumber, campaignId: of, status: 'QUEUED' });
    this.notify(vehicleId);
  }

  withdraw(vehicleId: string): void {
    for (const execution of this.executions) if (execution.status === 'QUEUED') execution.status = 'REMOVED';
    this.notify(vehicleId);
  }

  results(): Extract<UpdateReport, { kind: 'result' }>[] {
    return this.reports.filter((report) => report.kind === 'result');
  }

  private notify(vehicleId: string): void {
    const { jobsTopicPrefix } = vehicleTopics(vehicleId, rules);
    const jobs = { IN_PROGRESS: this.listed('IN_PROGRESS'), QUEUED: this.listed('QUEUED') };
    this.cloud.hub.publish(`${jobsTopicPrefix}/notify`, JSON.stringify({ jobs, timestamp: 1 }));
  }

  private listed(status: string): object[] {
    return this.executions
      .filter((execution) => execution.status === status)
      .map(({ jobId, executionNumber }) => ({ jobId, executionNumber, queuedAt: 1, versionNumber: 1 }));
  }

  private jobs(topic: string, request: { clientToken: string; status?: string }, clientId: string): void {
    const { clientToken, status } = request;
    const [, , , , jobId, verb] = topic.split('/');
    const say = (how: string, body: object) =>
      this.cloud.hub.sendTo(clientId, `${topic}/${how}`, JSON.stringify({ clientToken, timestamp: 1, ...body }));
    this.jobRequests.push(topic);
    const execution = this.executions.findLast((each) => each.jobId === jobId);
    if (jobId === 'get' && verb === undefined) {
      say('accepted', { inProgressJobs: this.listed('IN_PROGRESS'), queuedJobs: this.listed('QUEUED') });
    } else if (execution === undefined) {
      say('rejected', { code: 'ResourceNotFound', message: 'no such job' });
    } else if (verb === 'get') {
      const jobDocument = { fleetloom: 'update', campaignId: execution.campaignId };
      say('accepted', { execution: { jobId, jobDocument } });
    } else if (!['QUEUED', 'IN_PROGRESS'].includes(execution.status)) {
      say('rejected', { code: 'InvalidStateTransition', message: execution.status });
    } else {
      execution.status = status ?? execution.status;
      say('accepted', {});
      if (status !== 'IN_PROGRESS') this.notify(clientId);
    }
  }

  private direct(vehicleId: string, ask: Extract<UpdateReport, { kind: 'ask' }>): void {
    const refused = this.answer(ask);
    const { requestId } = ask;
    const grant = this.files.grant();
    const answer: DirectorAnswer =
      refused !== undefined
        ? { kind: 'refused', requestId, reason: 'stopped', detail: 'The campaign was stopped.', ...refused }
        : {
            ...{ kind: 'metadata', requestId, director: this.director, images: grant },
            repository: { ...grant, baseUrl: `${grant.baseUrl}repository/` },
          };
    this.cloud.hub.publish(vehicleTopics(vehicleId, rules).updateTopic, JSON.stringify(answer));
  }

  /** Believes everything, unless told otherwise: verification has its own tests. */
  verification(): Verification {
    return {
      manifest: async (requestId) => ({ signed: { nonce: requestId, ...this.reported }, signatures: [] }),
      verify: async () => {
        if (this.refusal !== undefined) throw this.refusal;
        return { ...this.update, timestampIssuedAt: Date.now() };
      },
    };
  }
}

const open: Vehicle[] = [];

export async function closeVehicles(): Promise<void> {
  await Promise.all(open.splice(0).map((vehicle) => vehicle.close()));
}

/** A vehicle on its first software, online, and the cloud around it. */
export async function onTheRoad(
  ecuIds: readonly string[] = ['engine', 'airbag', 'telematics', 'infotainment'],
  more: Pick<Inventory, 'rxswins'> = {},
  options: Partial<VehicleOptions> = {},
) {
  const updates = await UpdateCloud.open(ecuIds);
  const power = new Power();
  const disk = (): FaultyDisk => power.disk(4096);
  const body = new SimulatedBody(disk());
  const ecus = ecuIds.map((ecuId) => new SimulatedEcu(ecuId, disk(), imageBytes));
  for (const ecu of ecus) {
    const image = imageOf(ecu.ecuId, '1.0.0');
    const hardwareId = `${ecu.ecuId}-1`;
    await ecu.manufacture({ serialNumber: 's-1', hardwareId, softwareVersion: '1.0.0', releaseCounter: 1, image });
    await ecu.powerOn();
  }
  const directory = temporaryDirectory();
  const { cloud } = updates;
  const life = (change: Partial<UpdateSettings> = {}) => {
    const vehicle = Vehicle.open({
      ...{ vin: 'WVWZZZE1ZMP000001', directory, transport: cloud.hub, claim: cloud.claim, host: hurried },
      inventory: { softwareVersion: '1.0.0', ecus: [], ...more },
      updates: { ecus, body, verification: () => updates.verification(), ...change },
      log: (line) => cloud.log.push(line),
      ...options,
    });
    open.push(vehicle);
    return vehicle;
  };
  const vehicle = life();
  await vehicle.connect();
  const vehicleId = vehicle.vehicleId ?? '';
  const ecu = (ecuId: string) =>
    ecus.find((each) => each.ecuId === ecuId) ?? ecus[0] ?? new SimulatedEcu('', disk(), 0);
  const versions = async () => {
    const running: string[] = [];
    for (const each of ecus) {
      const { slots, running: slot } = await each.inspect();
      const holds = slots[slot];
      running.push(holds.status === 'empty' ? 'nothing' : holds.software.softwareVersion);
    }
    return [...new Set(running)].join('+');
  };
  return { updates, cloud, vehicle, vehicleId, body, ecus, ecu, life, versions, directory };
}

/** Pauses pass in no time; how long one waits for an answer does not. */
export const hurried = {
  ...thisHost,
  after: (ms: number, fire: () => void) => thisHost.after(isPause(ms) ? ms / 500 : ms, fire),
};

function isPause(ms: number): boolean {
  return (ms >= 1000 && ms < 9000) || (ms > 60_000 && ms < 700_000);
}

import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { thisHost } from '#device-sdk/host.ts';
import type { EcuSoftware, EcuState, Slot } from '#device-sdk/ota/ecu-installer.ts';
import { begin } from '#device-sdk/ota/installation/begin.ts';
import {
  type EndedInstallation,
  type Installation,
  installationSchema,
} from '#device-sdk/ota/installation/installation.ts';
import { install } from '#device-sdk/ota/installation/installer.ts';
import { DurableRecord, newestCopy } from '#device-sdk/ota/simulated/durable-record.ts';
import { Power, type Sectors } from '#device-sdk/ota/simulated/faulty-disk.ts';
import type { Misbehaviour } from '#device-sdk/ota/simulated/misbehaviour.ts';
import { SimulatedBody } from '#device-sdk/ota/simulated/simulated-body.ts';
import { SimulatedEcu } from '#device-sdk/ota/simulated/simulated-ecu.ts';

export const ecuIds = ['engine', 'airbag', 'telematics', 'infotainment'] as const;
const blocks = 16;
const sectorBytes = 512;
const journalSectors = 12;
const bodySectors = 1;
const recordSectors = 2;
const slotBytes = blocks * sectorBytes;
const noon = 1_800_000_000_000;
const old = '1.0.0';
const fresh = '2.0.0';

/** What all disks of a car hold: one a control unit, then the immobiliser's, then the journal's. */
export type Disks = readonly Sectors[];

/** Sixteen blocks, the last one not full. */
function imageOf(ecuId: string, version: string): Uint8Array {
  const image = new Uint8Array(slotBytes - 100);
  for (let at = 0; at < image.length; at += 32) {
    image.set(
      createHash('sha256')
        .update(`${ecuId} ${version} ${at}`)
        .digest()
        .subarray(0, image.length - at),
      at,
    );
  }
  return image;
}

function softwareOf(ecuId: string, version: string): EcuSoftware {
  const image = imageOf(ecuId, version);
  const sha256 = createHash('sha256').update(image).digest('hex');
  return { softwareVersion: version, releaseCounter: Number(version.split('.')[0]), length: image.length, sha256 };
}

export const update = {
  releaseId: 'release-2',
  softwareVersion: fresh,
  preconditions: [{ kind: 'parked' }, { kind: 'ignition-off' }, { kind: 'battery', percent: 50 }] as const,
  images: ecuIds.map((ecuId) => {
    const { sha256, ...software } = softwareOf(ecuId, fresh);
    return { ecuId, hardwareId: `${ecuId}-1`, ...software, hashes: { sha256 } };
  }),
};

const journalSchema = z.object({ installation: installationSchema, settled: z.boolean() });

/** A car whose every write can be the last: four control units, an immobiliser and the agent's journal. */
export class CarOnDisks {
  readonly power = new Power();
  readonly ecus: ReadonlyMap<string, SimulatedEcu>;
  readonly body: SimulatedBody;
  readonly journal: DurableRecord;
  readonly log: string[] = [];
  readonly reports: EndedInstallation[] = [];
  host = thisHost;
  now = noon;

  constructor(disks: Disks = []) {
    this.ecus = new Map(
      ecuIds.map((ecuId, at) => [ecuId, new SimulatedEcu(ecuId, this.power.disk(sectorBytes, disks[at]), slotBytes)]),
    );
    this.body = new SimulatedBody(this.power.disk(sectorBytes, disks[ecuIds.length]));
    this.journal = new DurableRecord(this.power.disk(sectorBytes, disks[ecuIds.length + 1]), 0, journalSectors);
  }

  async manufacture(): Promise<void> {
    for (const [ecuId, ecu] of this.ecus) {
      const { softwareVersion, releaseCounter } = softwareOf(ecuId, old);
      const hardwareId = `${ecuId}-1`;
      const image = imageOf(ecuId, old);
      await ecu.manufacture({ serialNumber: `${ecuId}-0001`, hardwareId, softwareVersion, releaseCounter, image });
    }
    await this.powerOn();
  }

  async powerOn(): Promise<void> {
    for (const ecu of this.ecus.values()) await ecu.powerOn();
  }

  misbehave(ecuId: (typeof ecuIds)[number], ...what: Misbehaviour[]): void {
    this.ecus.get(ecuId)?.misbehave(...what);
  }

  /** Plans and keeps it: from here on a loss of power is recovered from. */
  async begin(): Promise<void> {
    const minutes = 20;
    const planned = begin(update, {
      ecus: await this.states(),
      ...{ bad: [], now: this.now, minutes, limit: minutes * 60_000, safe: true },
    });
    if ('error' in planned) throw new Error(planned.detail);
    await this.keep(planned);
  }

  /** What the agent does when it starts: brings to its end what is in the journal, and reports. */
  async goOn(): Promise<EndedInstallation | undefined> {
    const journal = journalSchema.safeParse(await this.journal.read()).data;
    if (journal === undefined || journal.settled) return undefined;
    const ended = await install(journal.installation, {
      ecus: this.ecus,
      body: this.body,
      image: ({ ecuId }, blockBytes) => cut(imageOf(ecuId, fresh), blockBytes),
      keep: (installation) => this.keep(installation),
      ...{ host: this.host, now: () => this.now, log: (line) => this.log.push(line) },
    });
    this.reports.push(ended);
    await this.journal.write({ installation: ended, settled: true });
    return ended;
  }

  async states(): Promise<Map<string, EcuState>> {
    const states = new Map<string, EcuState>();
    for (const [ecuId, ecu] of this.ecus) states.set(ecuId, await ecu.inspect());
    return states;
  }

  /** What the world sees of the car; one version where all control units agree. */
  async view(): Promise<string> {
    const states = [...(await this.states()).values()];
    const all = (one: (state: EcuState) => string | number) => [...new Set(states.map(one))].join('+');
    const kept = await this.kept();
    const safety = kept?.status === 'failed' && !kept.safe ? 'unsafe' : 'safe';
    const mobility = (await this.body.isImmobilised()) ? 'immobilised' : 'mobile';
    const runs = all((state) => versionIn(state, state.running));
    const boots = all((state) => versionIn(state, state.boots));
    return `${kept?.status}, ${safety}, ${mobility}: runs ${runs}, boots ${boots}, from ${all(({ releaseCounter }) => releaseCounter)}`;
  }

  async kept(): Promise<Installation | undefined> {
    return journalSchema.safeParse(await this.journal.read()).data?.installation;
  }

  private keep(installation: Installation): Promise<void> {
    return this.journal.write({ installation, settled: false });
  }
}

function versionIn({ slots }: EcuState, slot: Slot): string {
  const holds = slots[slot];
  return holds.status === 'empty' ? 'nothing' : holds.software.softwareVersion;
}

/** Everything a car holds when the power goes while nothing is in flight. */
export async function made(): Promise<Disks> {
  const car = new CarOnDisks();
  let disks: Disks = [];
  car.power.onWrite = (disk) => {
    disks = car.power.after('kept', disk);
  };
  await car.manufacture();
  await car.begin();
  return disks;
}

async function* cut(bytes: Uint8Array, size: number): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const slotsOf = z.object({ slots: z.record(z.string(), z.object({ status: z.string() })) });

/**
 * What decides how a car goes on: the newest whole copy of each record, and the content of each slot that is said to
 * hold something. Whatever else stands on the disks is overwritten before it is read.
 */
export function keyOf(disks: Disks): string {
  const records = disks.map((sectors, at) => {
    if (at >= ecuIds.length) {
      return JSON.stringify(recordOn(sectors, at === ecuIds.length ? bodySectors : journalSectors));
    }
    const record = recordOn(sectors, recordSectors);
    const slots = Object.values(slotsOf.parse(record).slots).map(({ status }, slot) => {
      if (status === 'empty') return 'empty';
      const first = 2 * recordSectors + slot * blocks;
      return Array.from({ length: blocks }, (_, block) => nameOf(sectors.get(first + block))).join();
    });
    return JSON.stringify([record, slots]);
  });
  return records.join('\n');
}

function recordOn(sectors: Sectors, count: number): unknown {
  const copy = (from: number) =>
    Buffer.concat(Array.from({ length: count }, (_, at) => sectors.get(from + at) ?? Buffer.alloc(sectorBytes)));
  return newestCopy([copy(0), copy(count)])?.value;
}

const names = new Map<string, number>();
const known = new WeakMap<Uint8Array, number>();
const zeros = new Uint8Array(sectorBytes);

function nameOf(bytes: Uint8Array = zeros): number {
  const content = known.has(bytes) ? '' : Buffer.from(bytes).toString('latin1');
  const name = known.get(bytes) ?? names.get(content) ?? names.size;
  if (content !== '') names.set(content, name);
  known.set(bytes, name);
  return name;
}

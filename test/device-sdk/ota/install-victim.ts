/**
 * A vehicle on real files that takes an update, until it is done or dies: before its n-th call to the file system, or,
 * where that is a write, with half of it done. Usage: directory n version [unhealthy]
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { open } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { thisHost } from '#device-sdk/host.ts';
import type { RangeRequest } from '#device-sdk/ota/download/range-request.ts';
import type { Rollout } from '#device-sdk/ota/rollout.ts';
import { FileDisk } from '#device-sdk/ota/simulated/file-disk.ts';
import { SimulatedBody } from '#device-sdk/ota/simulated/simulated-body.ts';
import { SimulatedEcu } from '#device-sdk/ota/simulated/simulated-ecu.ts';
import { Updates } from '#device-sdk/ota/updates.ts';
import type { VerifiedUpdate } from '#device-sdk/ota/verification/verified-update.ts';
import { openStorage } from '#device-sdk/storage.ts';

const [, , directory = '', fatal = '0', version = '2.0.0', health = 'healthy'] = process.argv;
const ecuIds = ['engine', 'airbag', 'telematics', 'infotainment'];
const sector = 4096;
const imageBytes = 16 * sector - 100;
const campaignId = `campaign-${version}`;

const { writeSync } = fs;
let calls = 0;

/** Counts a call, and dies at the fatal one. */
function fate(half: () => void = () => {}): void {
  calls += 1;
  if (calls !== Number(fatal)) return;
  half();
  process.kill(process.pid, 'SIGKILL');
}

function mortal<Given extends unknown[], Got>(call: (...given: Given) => Got): (...given: Given) => Got {
  return (...given) => {
    fate();
    return call(...given);
  };
}

async function beMortal(): Promise<void> {
  const { fsyncSync, renameSync, openSync, ftruncateSync, rmSync } = fs;
  Object.assign(fs, {
    writeSync: (handle: number, bytes: Uint8Array, offset = 0, length = bytes.length - offset, at?: number) => {
      fate(() => writeSync(handle, bytes, offset, Math.floor(length / 2), at));
      return writeSync(handle, bytes, offset, length, at);
    },
    fsyncSync: mortal(fsyncSync),
    renameSync: mortal(renameSync),
    openSync: mortal(openSync),
    ftruncateSync: mortal(ftruncateSync),
    rmSync: mortal(rmSync),
  });
  // What was imported by name is what it is called by.
  syncBuiltinESMExports();
  const file = await open(join(directory, 'probe'), 'w');
  const prototype: typeof file = Object.getPrototypeOf(file);
  const { sync, truncate, write } = prototype;
  Object.assign(prototype, {
    sync(this: typeof file) {
      fate();
      return sync.call(this);
    },
    truncate(this: typeof file, length?: number) {
      fate();
      return truncate.call(this, length);
    },
    write(this: typeof file, ...given: Parameters<typeof write>) {
      fate();
      return Reflect.apply(write, this, given);
    },
  });
  await file.close();
}

function imageOf(ecuId: string, of: string): Buffer {
  return Buffer.alloc(imageBytes, createHash('sha256').update(`${ecuId} ${of}`).digest());
}

/** The cloud: what it was told outlives the vehicle. */
function told(line: string): void {
  const handle = fs.openSync(join(directory, 'told'), 'a');
  writeSync(handle, `${line}\n`);
  fs.closeSync(handle);
}

function wasTold(what: string): boolean {
  const path = join(directory, 'told');
  return fs.existsSync(path) && fs.readFileSync(path, 'utf8').includes(what);
}

const sectorsFor = (ecuId: string) => new FileDisk(join(directory, `${ecuId}.flash`), sector);
const body = new SimulatedBody(sectorsFor('body'));
const ecus = ecuIds.map((ecuId) => new SimulatedEcu(ecuId, sectorsFor(ecuId), imageBytes));
for (const ecu of ecus) {
  const made = { serialNumber: 's-1', hardwareId: 'h-1', softwareVersion: '1.0.0', releaseCounter: 1 };
  if (!(await ecu.exists())) await ecu.manufacture({ ...made, image: imageOf(ecu.ecuId, '1.0.0') });
}
// The cloud had the end already; the former life died on its last step.
if (wasTold(`ended ${campaignId}`)) process.exit(0);
await beMortal();

const running = new Set<string>();
for (const ecu of ecus) {
  await ecu.powerOn();
  const { slots, running: slot } = await ecu.inspect();
  const holds = slots[slot];
  running.add(holds.status === 'empty' ? 'nothing' : holds.software.softwareVersion);
  if (health === 'unhealthy' && ecu.ecuId === 'airbag') ecu.misbehave({ on: 'health', how: 'fail', version });
}
if (running.size > 1 && !(await body.isImmobilised())) told('mixed and mobile');

const images = ecuIds.map((ecuId) => {
  const image = imageOf(ecuId, version);
  const hashes = { sha256: createHash('sha256').update(image).digest('hex') };
  const counter = Number(version.split('.')[0]);
  const is = { ecuId, hardwareId: 'h-1', softwareVersion: version, releaseCounter: counter };
  return { ...is, path: ecuId, length: image.length, hashes };
});
const update: VerifiedUpdate = {
  ...{ campaignId, releaseId: version, softwareVersion: version, images },
  ...{ timestampIssuedAt: Date.now(), preconditions: [{ kind: 'parked' }] },
};

const request: RangeRequest = async (url, { headers }) => {
  const image = imageOf(new URL(url).pathname.slice(1), version);
  const from = Number(/\d+/.exec(headers['range'] ?? '0')?.[0] ?? 0);
  async function* content() {
    for (let at = from; at < image.length; at += sector) yield image.subarray(at, at + sector);
  }
  const range = `bytes ${from}-${image.length - 1}/${image.length}`;
  return { status: from > 0 ? 206 : 200, headers: { etag: '"1"', 'content-range': range }, body: content() };
};

const rollout: Rollout = {
  isReleased: (of) => of === campaignId,
  onChange: () => {},
  look: () => {},
  installing: async () => true,
  async ended(which) {
    told(`ended ${which}`);
    if (which !== campaignId) return;
    // What remains to be kept is kept, then this life is over as it should be.
    setImmediate(() => setImmediate(() => process.exit(0)));
  },
};

const grant = { baseUrl: 'http://images/', query: '', expiresAt: Date.now() + 3_600_000 };
const updates = new Updates({
  settings: {
    ...{ ecus, body, request },
    verification: () => ({ manifest: async () => ({}), verify: async () => update }),
  },
  storage: openStorage(join(directory, 'vehicle')),
  rollout,
  async publish(payload) {
    const report = JSON.parse(payload);
    if (report.kind !== 'ask') return told(payload);
    const director = { roots: [], timestamp: '', snapshot: '', targets: '' };
    const answer = { kind: 'metadata', requestId: report.requestId, director, repository: grant, images: grant };
    setImmediate(() => updates.receive(Buffer.from(JSON.stringify(answer))));
  },
  ...{ vehicleId: () => 'veh-1', cloudTime: async () => undefined, inventory: undefined },
  reportInventory: async () => {},
  ...{ host: thisHost, now: () => Date.now(), log: () => {} },
});
updates.connected();
updates.desired({
  offer: {
    ...{ campaignId, releaseId: version, revision: 1, softwareVersion: version, texts: {}, minutes: 20, bytes: 1 },
    ...{ preconditions: [], recall: false, consentBy: 'owner' },
    state: { status: 'accepted', from: 0, to: Date.now() + 3_600_000 },
  },
});

import { randomBytes } from 'node:crypto';
import type { Bounds } from '#device-sdk/cloud-clock.ts';
import type { Host } from '#device-sdk/host.ts';
import { newP256Key, p256Signer, verifyP256 } from '#device-sdk/sharing/p256.ts';
import { Phone } from '#device-sdk/sharing/phone.ts';
import type { SharedBody, SharedConditions } from '#device-sdk/sharing/shared-body.ts';
import { Sharing } from '#device-sdk/sharing/sharing.ts';
import type { KeyAnswer } from '#device-sdk/sharing/trip-course.ts';
import type { Storage } from '#device-sdk/storage.ts';
import { base64url, base64urlBytes } from '#shared/kernel/base64url.ts';
import { isSignedBy } from '#shared/sharing/keys/cose-sign1.ts';
import { signStatement } from '#shared/sharing/keys/key-statement.ts';
import { mintToken } from '#shared/sharing/keys/key-token.ts';
import { readTripEvent } from '#shared/sharing/keys/trip-line.ts';
import type { ZoneSet } from '#shared/sharing/zones/zone.ts';
import type {
  KeyAction,
  KeyStatement,
  KeyToken,
  SharingReport,
  TripEvent,
} from '#shared/vehicle-cloud/sharing-envelopes.ts';

export const issuer = p256Signer(newP256Key().privateKeyPem);
export const issuerKey = { kid: issuer.kid, spki: base64url(issuer.spki) };
const logSigner = p256Signer(newP256Key().privateKeyPem);
export const noon = Date.UTC(2026, 5, 1, 12);
export const minute = 60_000;
export const vehicleId = 'veh-abcdefghijklmnopqrst';

/** One life of the control unit: it may be killed before or after any of what it does, and then does nothing more. */
class Life {
  /** Counts down before and after each deed; the process dies when it is used up. */
  static fatal = Number.POSITIVE_INFINITY;
  private isOver = false;
  readonly died: Promise<void>;
  private die: () => void = () => {};

  constructor() {
    this.died = new Promise((resolve) => {
      this.die = resolve;
    });
  }

  get over(): boolean {
    return this.isOver;
  }

  kill(): void {
    this.isOver = true;
    this.die();
  }

  readonly perform = <Result>(deed: () => Result): Result => {
    if (this.step()) throw new Error('killed');
    const result = deed();
    if (this.step()) throw new Error('killed');
    return result;
  };

  private step(): boolean {
    if (this.isOver) return true;
    Life.fatal -= 1;
    if (Life.fatal === 0) this.kill();
    return this.isOver;
  }
}

/** The vehicle's disk. After `kill` the process that writes is no more. */
export class Disk {
  readonly documents = new Map<string, string>();

  /** @param perform does the write, or dies over it */
  storage(perform: (write: () => void) => void): Storage {
    return {
      directory: '/nowhere',
      read: (name) => {
        const text = this.documents.get(name);
        return text === undefined ? undefined : JSON.parse(text);
      },
      write: (name, value) => perform(() => void this.documents.set(name, JSON.stringify(value))),
      remove: (name) => void this.documents.delete(name),
      putAside: (name) => (this.documents.delete(name) ? name : undefined),
    };
  }
}

export class ManualHost implements Host {
  wall = noon;
  counted = 1000;
  private readonly timers = new Map<number, { readonly at: number; readonly fire: () => void }>();
  private nextTimer = 1;

  now = () => this.wall;
  monotonic = () => this.counted;
  newId = () => `id-${this.nextTimer++}`;

  after(ms: number, fire: () => void): () => void {
    const id = this.nextTimer++;
    this.timers.set(id, { at: this.counted + ms, fire });
    return () => void this.timers.delete(id);
  }

  pass(ms: number): void {
    this.wall += ms;
    this.counted += ms;
    for (const [id, { at, fire }] of [...this.timers]) {
      if (at > this.counted || !this.timers.delete(id)) continue;
      fire();
    }
  }

  forgetTimers(): void {
    this.timers.clear();
  }
}

export const parkedInZone: SharedConditions = {
  ...{ doorsClosed: true, ignitionOn: false, speed: 0, keyInside: true, charging: false },
  ...{ place: { latitude: 52.52, longitude: 13.405 }, odometer: 12_000_000, charge: 80 },
};

/** A body that remembers what was done to it, and whether that was done while it moved. */
export class ObservedBody implements SharedBody {
  state = parkedInZone;
  locked = true;
  immobilised = true;
  readonly deeds: string[] = [];
  /** What fails. */
  broken = new Set<string>();
  onDeed: (deed: string) => void = () => {};
  private readonly listeners = new Set<(conditions: SharedConditions) => void>();

  conditions = () => this.state;
  unlock = () => this.done('unlock', () => (this.locked = false));
  lock = () => this.done('lock', () => (this.locked = true));
  enable = () => this.done('enable', () => (this.immobilised = false));
  immobilise = () => this.done('immobilise', () => (this.immobilised = true));

  onConditions(listener: (conditions: SharedConditions) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  set(change: Partial<SharedConditions>): void {
    this.state = { ...this.state, ...change };
    for (const listener of [...this.listeners]) listener(this.state);
  }

  private async done(deed: string, act: () => void): Promise<void> {
    this.onDeed(deed);
    if (this.broken.has(deed)) throw new Error(`no ${deed}`);
    act();
    this.deeds.push(this.state.speed > 0 ? `${deed} in motion` : deed);
  }
}

const berlin: ZoneSet = {
  systemId: 'we-share-berlin',
  version: 3,
  zones: [
    {
      zoneId: 'centre',
      name: 'Centre',
      geometry: {
        type: 'MultiPolygon',
        coordinates: [
          [
            [
              [13.3, 52.4],
              [13.5, 52.4],
              [13.5, 52.6],
              [13.3, 52.6],
              [13.3, 52.4],
            ],
          ],
        ],
      },
      rules: [{ rideStartAllowed: true, rideEndAllowed: true, rideThroughAllowed: true }],
    },
  ],
  globalRules: [{ rideStartAllowed: true, rideEndAllowed: false, rideThroughAllowed: true }],
};
export const outside = { latitude: 53.1, longitude: 13.405 };

/** One vehicle without a network, phones beside it, and a cloud that signs. */
export class SharedScene {
  readonly disk = new Disk();
  readonly host = new ManualHost();
  readonly body = new ObservedBody();
  readonly reports: SharingReport[] = [];
  readonly log: string[] = [];
  private present = new Life();
  sharing = this.life();
  onReport: (report: SharingReport) => void = () => {};
  /** Whether what the vehicle publishes arrives. */
  line = true;
  /** What the cloud says of the time. */
  time: Bounds | undefined;

  /** The control unit starts; what ran before is no more. */
  life(): Sharing {
    this.present.kill();
    const life = new Life();
    this.present = life;
    this.host.forgetTimers();
    const { body } = this;
    const wrapped: SharedBody = {
      conditions: body.conditions,
      onConditions: (listener) => body.onConditions((conditions) => (life.over ? undefined : listener(conditions))),
      unlock: async () => life.perform(() => body.unlock()),
      lock: async () => life.perform(() => body.lock()),
      enable: async () => life.perform(() => body.enable()),
      immobilise: async () => life.perform(() => body.immobilise()),
    };
    this.sharing = new Sharing({
      settings: { body: wrapped, logSigner },
      ...{ storage: this.disk.storage(life.perform), host: this.host, log: (line) => this.log.push(line) },
      vehicleId: () => vehicleId,
      cloudTime: async () => this.time ?? { earliest: this.host.now() - 100, latest: this.host.now() + 100 },
      publish: async (payload) => {
        if (!this.line) throw new Error('no line');
        const report: SharingReport = JSON.parse(payload);
        life.perform(() => this.reports.push(report));
        this.onReport(report);
        await new Promise((resolve) => setImmediate(resolve));
      },
    });
    return this.sharing;
  }

  /** The process dies at the `deed`-th of what it writes, sends or does to the body: before it where odd, after it where even. */
  killAt(deed: number): void {
    Life.fatal = deed;
  }

  get isDead(): boolean {
    return this.present.over;
  }

  /** Whether it died of `killAt`. */
  get wasKilled(): boolean {
    return Life.fatal <= 0;
  }

  /** What has begun by itself is done. */
  async settled(): Promise<void> {
    for (let turn = 0; turn < 12; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Undefined where the process died over it. */
  async unlessKilled<Result>(work: Promise<Result>): Promise<Result | undefined> {
    const { present } = this;
    const result = await Promise.race([work.catch(() => undefined), present.died.then(() => undefined)]);
    return present.over ? undefined : result;
  }

  /** In service, with zones on board, and then without a network. */
  async inService(statement: Partial<KeyStatement> = {}): Promise<this> {
    await this.sharing.connected();
    await this.say(statement);
    const asked = await until(() => this.reports.find(({ kind }) => kind === 'ask-zones'));
    const requestId = asked.kind === 'ask-zones' ? asked.requestId : '';
    this.sharing.receive(Buffer.from(JSON.stringify({ kind: 'zones', requestId, zones: berlin })));
    await until(() => this.reports.find((report) => report.kind === 'admits' && report.zonesVersion === 3));
    this.sharing.disconnected();
    return this;
  }

  async say(changes: Partial<KeyStatement> = {}, signer = issuer, key = issuerKey): Promise<void> {
    const statement: KeyStatement = {
      ...{ vehicleId, version: 1, minimumFence: 1, revoked: [], issuedAt: this.host.wall },
      ...{ systemId: 'we-share-berlin', vehicleTypeId: 'e-golf', minimumCharge: 15, zonesVersion: 3 },
      ...changes,
    };
    await this.sharing.desired({ issuer: key, statement: base64url(await signStatement(statement, signer)) });
  }

  /** A phone that holds a key for a quarter of an hour. */
  async phone(changes: Partial<KeyToken> = {}, phone = new Phone()): Promise<Phone> {
    phone.keep(await this.token(phone, changes));
    return phone;
  }

  token(phone: Phone, changes: Partial<KeyToken> = {}): Promise<Uint8Array> {
    const { x, y } = phone.publicKey;
    const now = this.host.wall;
    return mintToken(
      {
        ...{ tokenId: randomBytes(8).toString('hex'), vehicleId, reservationId: 'rsv-1', fence: 1 },
        ...{ notBefore: now - minute, issuedAt: now, expiresAt: now + 15 * minute },
        actions: ['start', 'pause', 'resume', 'end'],
        phoneKey: { x: base64urlBytes(x) ?? new Uint8Array(), y: base64urlBytes(y) ?? new Uint8Array() },
        ...changes,
      },
      issuer,
    );
  }

  async ask(phone: Phone, action: KeyAction): Promise<KeyAnswer> {
    return await this.sharing.present(await phone.answer(action, this.sharing.challenge()));
  }

  /** `done`, or why not. */
  async told(phone: Phone, action: KeyAction): Promise<string> {
    const answer = await this.ask(phone, action);
    return answer.kind === 'done' ? 'done' : answer.reason;
  }

  /** What the vehicle has written down and the cloud has not, each line verified. */
  unsent(): TripEvent[] {
    const record: { unsent: string[] } = JSON.parse(this.disk.documents.get('sharing') ?? '{"unsent":[]}');
    return record.unsent.map(eventOf);
  }

  /** What the cloud has received of the log. */
  received(): TripEvent[] {
    return this.reports.flatMap((report) => (report.kind === 'log' ? report.events.map(eventOf) : []));
  }

  /** Each once, in the order of the log; each names the one before. */
  lines(): TripEvent[] {
    const known = new Map<string, TripEvent>();
    for (const event of [...this.received(), ...this.unsent()]) known.set(`${event.boot} ${event.sequence}`, event);
    const lines = [...known.values()].sort((a, b) => a.boot - b.boot || a.sequence - b.sequence);
    for (const [at, line] of lines.entries()) {
      const before = lines[at - 1];
      const expected = before && { boot: before.boot, sequence: before.sequence };
      if (JSON.stringify(line.after) !== JSON.stringify(expected)) throw new Error(`a gap before ${line.sequence}`);
      if (before !== undefined && line.at < before.at && line.fence === before.fence) throw new Error('back in time');
    }
    return lines;
  }

  kinds(): string[] {
    return this.lines().map(({ kind }) => kind);
  }
}

export function eventOf(line: string): TripEvent {
  const read = readTripEvent(base64urlBytes(line) ?? new Uint8Array());
  if (!isSignedBy(logSigner.spki, verifyP256, read)) throw new Error('a line that the vehicle did not sign');
  return read.content;
}

async function until<T>(condition: () => T | undefined): Promise<T> {
  for (let turn = 0; turn < 1000; turn += 1) {
    const value = condition();
    if (value !== undefined) return value;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error('waited in vain');
}

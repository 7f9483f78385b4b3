import { randomBytes } from 'node:crypto';
import type { Bounds } from '#device-sdk/cloud-clock.ts';
import type { KeyAnswer } from '#device-sdk/sharing/key-answer.ts';
import { newP256Key, p256Signer, verifyP256 } from '#device-sdk/sharing/p256.ts';
import { Phone } from '#device-sdk/sharing/phone.ts';
import type { SharedBody } from '#device-sdk/sharing/shared-body.ts';
import { Sharing } from '#device-sdk/sharing/sharing.ts';
import { base64url, base64urlBytes } from '#shared/kernel/base64url.ts';
import { isSignedBy } from '#shared/sharing/keys/cose-sign1.ts';
import { signStatement } from '#shared/sharing/keys/key-statement.ts';
import { mintToken } from '#shared/sharing/keys/key-token.ts';
import { p256KeyOf } from '#shared/sharing/keys/p256-key.ts';
import { readTripEvent } from '#shared/sharing/keys/trip-line.ts';
import type { ZoneSet } from '#shared/sharing/zones/zone.ts';
import type {
  KeyAction,
  KeyStatement,
  KeyToken,
  SharingReport,
  TripEvent,
} from '#shared/vehicle-cloud/sharing-envelopes.ts';
import { Disk, Life, ManualHost } from './lives.ts';
import { ObservedBody } from './observed-body.ts';

export const issuer = p256Signer(newP256Key().privateKeyPem);
export const issuerKey = { kid: issuer.kid, spki: base64url(issuer.spki) };
const logSigner = p256Signer(newP256Key().privateKeyPem);
export const minute = 60_000;
const vehicleId = 'veh-abcdefghijklmnopqrst';

const berlin: ZoneSet = {
  systemId: 'we-share-berlin',
  version: 3,
  zones: [
    {
      zoneId: 'pedestrians',
      name: 'Pedestrians',
      geometry: {
        type: 'MultiPolygon',
        coordinates: [
          [
            [
              [13.45, 52.55],
              [13.46, 52.55],
              [13.46, 52.56],
              [13.45, 52.55],
            ],
          ],
        ],
      },
      rules: [{ rideStartAllowed: false, rideEndAllowed: true, rideThroughAllowed: true, maximumSpeedKph: 7 }],
    },
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
/** Where nobody may start, and all go slowly. */
export const amongPedestrians = { latitude: 52.552, longitude: 13.457 };
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
  drivable = true;
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
      isHeard: () => true,
      isDrivable: () => this.drivable,
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
    const phoneKey = p256KeyOf(base64urlBytes(phone.publicKey) ?? new Uint8Array());
    if (phoneKey === undefined) throw new Error('a phone without a key');
    const now = this.host.wall;
    return mintToken(
      {
        ...{ tokenId: randomBytes(8).toString('hex'), vehicleId, reservationId: 'rsv-1', fence: 1 },
        ...{ notBefore: now - minute, issuedAt: now, expiresAt: now + 15 * minute },
        actions: ['start', 'pause', 'resume', 'end'],
        phoneKey,
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

function eventOf(line: string): TripEvent {
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

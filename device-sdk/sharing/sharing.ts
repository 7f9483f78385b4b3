import { randomBytes } from 'node:crypto';
import * as z from 'zod/mini';
import { base64url } from '#shared/kernel/base64url.ts';
import { nonceBytes } from '#shared/sharing/keys/proof.ts';
import { ruleAt } from '#shared/sharing/zones/rule-at.ts';
import type { ZoneRule } from '#shared/sharing/zones/zone.ts';
import type { IssuerKey } from '#shared/vehicle-cloud/sharing-envelopes.ts';
import type { Bounds } from '../cloud-clock.ts';
import { CommandRejected } from '../commands.ts';
import { type Host, type Log, reasonOf } from '../host.ts';
import type { JsonObject } from '../json-object.ts';
import { parseJson, type Storage } from '../storage.ts';
import { BoardClock } from './board-clock.ts';
import { BodyMoves } from './body-moves.ts';
import { Challenges } from './challenges.ts';
import type { KeyAnswer } from './key-answer.ts';
import type { Presentation } from './key-check.ts';
import { KeyDesk } from './key-desk.ts';
import { logSigner } from './log-signer.ts';
import type { P256Signer } from './p256.ts';
import type { SharedBody } from './shared-body.ts';
import { SharingMemory, type Trip } from './sharing-memory.ts';
import { SharingReports } from './sharing-reports.ts';
import { statementFor, takenIn } from './statement-intake.ts';
import { TripCourse } from './trip-course.ts';
import { TripLog } from './trip-log.ts';
import { answerSchema, ZonesOnBoard } from './zones-on-board.ts';

export interface SharingSettings {
  readonly body: SharedBody;
  /** Signs the log where the vehicle has a secure element for it; else a key is made and kept in its directory. */
  readonly logSigner?: P256Signer;
}

export interface SharingParts {
  readonly settings: SharingSettings;
  readonly storage: Storage;
  readonly publish: (payload: string) => Promise<void>;
  /** Whether there is a topic for what it says. */
  readonly isHeard: () => boolean;
  readonly vehicleId: () => string | undefined;
  readonly cloudTime: () => Promise<Bounds | undefined>;
  readonly host: Host;
  readonly log: Log;
  /** False while its software is being changed, and where that has left it unsafe. */
  readonly isDrivable?: () => boolean;
}

const desiredSchema = z.object({
  issuer: z.object({ kid: z.string(), spki: z.string() }),
  statement: z.string(),
});
const orderSchema = z.object({ reservationId: z.string() });
/** Milliseconds. */
const clockKept = 900_000;

/**
 * A shared vehicle: opens for whoever holds it, with a network or without, and writes down what happened.
 *
 * @example
 * const vehicle = Vehicle.open({ …, sharing: { body } });
 * radio.onRequest(() => vehicle.sharing?.challenge());
 * radio.onPresentation((presentation) => vehicle.sharing?.present(presentation));
 */
export class Sharing {
  private readonly parts: SharingParts;
  private readonly memory: SharingMemory;
  private readonly clock: BoardClock;
  private readonly challenges: Challenges;
  private readonly desk: KeyDesk;
  private readonly zones: ZonesOnBoard;
  private readonly course: TripCourse;
  private readonly reports: SharingReports;
  private readonly listeners: (() => void)[] = [];
  private readonly endConditions: () => void;
  /** One after the other: two phones never open it at once. */
  private queue: Promise<unknown>;
  private online = false;
  private closed = false;
  private stopClock: () => void = () => {};

  constructor(parts: SharingParts) {
    const { settings, storage, host, log, publish } = parts;
    const { body } = settings;
    this.parts = parts;
    this.memory = new SharingMemory(storage, host.now() / 1000);
    this.clock = new BoardClock(storage, host, log);
    this.challenges = new Challenges(host, () => randomBytes(nonceBytes));
    this.zones = new ZonesOnBoard(storage);
    const { logSigner: own } = settings;
    const signer = own === undefined ? logSigner(storage) : () => own;
    const { memory, zones } = this;
    const now = () => this.clock.now().at;
    this.course = new TripCourse({
      ...{ memory, body, moves: new BodyMoves(body), now, log },
      tripLog: new TripLog({ memory, body, signer, vehicleId: () => this.vehicleId }),
      zones: () => zones.of(memory.record.statement?.systemId),
    });
    this.desk = new KeyDesk({
      ...{ memory, clock: this.clock, challenges: this.challenges, course: this.course },
      vehicleId: () => this.vehicleId,
      askTime: async () => (this.online ? await this.askTime() : undefined),
      isDrivable: parts.isDrivable ?? (() => true),
    });
    this.reports = new SharingReports({
      ...{ memory, zones, body, now, publish, host, log, logKey: () => base64url(signer().spki) },
    });
    this.queue = this.course.recover();
    this.endConditions = body.onConditions(() => void this.conditionsChanged());
    this.watchClock();
  }

  /** What the zones on board say of where it is, as a speed limit to show; absent where they or the place are not known. */
  get rule(): ZoneRule | undefined {
    const { statement } = this.memory.record;
    const { place } = this.parts.settings.body.conditions();
    const zones = this.zones.of(statement?.systemId);
    if (statement === undefined || place === undefined || zones === undefined) return undefined;
    return ruleAt(zones, place, statement.vehicleTypeId, this.clock.now().at).rule;
  }

  /** The trip that is on. */
  get trip():
    | { readonly fence: number; readonly reservationId: string; readonly state: 'driving' | 'paused' }
    | undefined {
    const { trip } = this.memory.record;
    return trip && { fence: trip.fence, reservationId: trip.reservationId, state: trip.state };
  }

  /** Tells of each change of `trip`, and of what the cloud has said of keys. */
  onChange(listener: () => void): this {
    this.listeners.push(listener);
    return this;
  }

  /** What a phone has to sign: 32 bytes, good once and for half a minute. */
  challenge(): Uint8Array {
    return this.challenges.ask();
  }

  /** Does what the phone asks for where its key allows it, or says by name why not. */
  present(presentation: Presentation): Promise<KeyAnswer> {
    return this.inTurn(async () => {
      const answer = await this.desk.answer(presentation);
      this.changed();
      return answer;
    });
  }

  /** @internal The cloud says whom keys come from, and which open nothing any more. */
  async desired(desired: JsonObject): Promise<undefined> {
    const said = desiredSchema.safeParse(desired).data;
    // A delta holds what differs from what was reported, and nothing of this is ever reported.
    if (said === undefined) this.parts.log('what is desired of sharing cannot be read');
    else await this.inTurn(async () => this.takeIn(said.issuer, said.statement));
    return undefined;
  }

  /** @internal */
  receive(payload: Uint8Array): void {
    const answer = answerSchema.safeParse(parseJson(Buffer.from(payload).toString('utf8'))).data;
    if (answer === undefined || !this.reports.isAnswer(answer.requestId)) {
      this.parts.log('an answer about sharing that nobody waits for');
      return;
    }
    if (this.zones.take(answer.zones, this.memory.record.statement?.systemId)) this.memory.change({ owesAdmits: true });
    this.reports.answered();
    this.changed();
  }

  /**
   * @internal An operator's order to end the trip, told by its reservation: another's is not touched.
   *
   * @throws CommandRejected
   */
  endByOrder(parameters: Readonly<Record<string, unknown>>): Promise<undefined> {
    return this.byOrder(parameters, (trip) => this.course.endByOrder(trip));
  }

  /**
   * @internal Support opens the doors for the driver of this reservation.
   *
   * @throws CommandRejected
   */
  openByOrder(parameters: Readonly<Record<string, unknown>>): Promise<undefined> {
    return this.byOrder(parameters, (trip) => this.course.openByOrder(trip));
  }

  private async byOrder(
    parameters: Readonly<Record<string, unknown>>,
    obey: (trip: Trip) => Promise<KeyAnswer>,
  ): Promise<undefined> {
    const { reservationId } = orderSchema.safeParse(parameters).data ?? {};
    const answer = await this.inTurn(async () => {
      const { trip } = this.memory.record;
      if (trip === undefined || trip.reservationId !== reservationId) {
        throw new CommandRejected('no-trip', 'No trip of this reservation is on.');
      }
      const given = await obey(trip);
      this.changed();
      return given;
    });
    if (answer.kind === 'done') return undefined;
    throw new CommandRejected(answer.unmet?.[0] ?? answer.reason, answer.detail);
  }

  /** @internal */
  async connected(): Promise<void> {
    this.online = true;
    await this.askTime();
    // An identity from before there was sharing: the next certificate brings the topics.
    if (this.online && this.parts.isHeard()) this.reports.connected();
  }

  /** @internal */
  disconnected(): void {
    this.online = false;
    this.reports.disconnected();
  }

  /** @internal Resolves when what a phone has begun is done: nobody else may have the vehicle's memory before. */
  async close(): Promise<void> {
    this.endConditions();
    this.stopClock();
    this.clock.now();
    this.clock.keep();
    await this.inTurn(async () => {
      this.closed = true;
    });
  }

  private get vehicleId(): string {
    return this.parts.vehicleId() ?? '';
  }

  private takeIn(issuer: IssuerKey, statement: string): void {
    const said = statementFor(this.vehicleId, statement, this.memory.record.issuer ?? issuer);
    if (said === undefined) {
      this.parts.log('a statement about keys that nobody trusted has signed for this vehicle');
      return;
    }
    this.clock.notBefore(said.statement.issuedAt);
    const taken = takenIn(this.memory.record, said);
    if (taken === undefined) return;
    this.memory.change(taken);
    this.clock.keep();
    this.changed();
  }

  private async conditionsChanged(): Promise<void> {
    try {
      await this.inTurn(() => this.course.noteCharging());
    } catch (error) {
      this.parts.log(`sharing: ${reasonOf(error)}`);
    }
    this.reports.wake();
  }

  private changed(): void {
    this.reports.wake();
    for (const listener of this.listeners) {
      try {
        listener();
      } catch (error) {
        this.parts.log(`a listener to sharing: ${reasonOf(error)}`);
      }
    }
  }

  private async askTime(): Promise<void> {
    const bounds = await this.parts.cloudTime();
    if (bounds !== undefined) this.clock.authenticate(bounds);
  }

  private watchClock(): void {
    this.stopClock = this.parts.host.after(clockKept, () => {
      this.clock.now();
      this.clock.keep();
      if (this.online) void this.askTime();
      this.watchClock();
    });
  }

  private inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.queue.then(() => {
      if (this.closed) throw new Error('the vehicle was closed');
      return work();
    });
    this.queue = turn.catch(() => {});
    return turn;
  }
}

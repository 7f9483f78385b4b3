import { join } from 'node:path';
import * as z from 'zod/mini';
import type { Decision, UpdateOffer, UpdateReport } from '#shared/vehicle-cloud/update-envelopes.ts';
import type { Bounds } from '../cloud-clock.ts';
import { type Host, type Log, reasonOf } from '../host.ts';
import type { Inventory } from '../inventory.ts';
import type { JsonObject } from '../json-object.ts';
import type { Storage } from '../storage.ts';
import { Director } from './director.ts';
import { ImageStore } from './download/image-store.ts';
import { pause } from './download/pause.ts';
import { overHttp } from './download/range-request.ts';
import { RateLimit } from './download/rate-limit.ts';
import type { EcuInstaller } from './ecu-installer.ts';
import { objection, offerSchema } from './offer.ts';
import { OfferScreen } from './offer-screen.ts';
import { inventoryOnBoard, reportsOf, statesOf } from './on-board.ts';
import { type Progress, ReportLine } from './report-line.ts';
import type { Rollout } from './rollout.ts';
import { languageAmong, resultShown } from './screen-language.ts';
import { UpdateCourse, type UpdateResult } from './update-course.ts';
import { UpdateMemory } from './update-memory.ts';
import type { UpdateSettings } from './update-settings.ts';
import { Workshop } from './workshop.ts';

export interface UpdatesParts {
  readonly settings: UpdateSettings;
  readonly storage: Storage;
  readonly rollout: Rollout;
  readonly publish: (payload: string) => Promise<void>;
  readonly vehicleId: () => string;
  readonly cloudTime: () => Promise<Bounds | undefined>;
  readonly inventory: Inventory | undefined;
  readonly reportInventory: (inventory: Inventory) => Promise<void>;
  readonly host: Host;
  readonly now: () => number;
  readonly log: Log;
}

/** What was decided cannot be: the message says why. */
export class NotDecided extends Error {
  override readonly name = 'NotDecided';
}

/** What the screen shows of an update that is on its way. */
export type UpdateProgress = Pick<Progress, 'campaignId' | 'phase' | 'percent' | 'waitsFor'>;

const desiredSchema = z.object({ offer: z.nullable(z.unknown()) });
/** Milliseconds: timers cannot be set further than this. */
const longestTimer = 3_600_000;
const nightHours = 4;

/**
 * The software of the vehicle's control units: offers and what the driver says to them, and what becomes of it. All
 * else goes by itself, over power losses and tunnels: the download, the verification, the installation in all control
 * units together or in none.
 *
 * @example
 * const vehicle = Vehicle.open({ …, updates: { ecus, body, verification: uptane({ roots, primary: 'gateway' }) } });
 * vehicle.updates?.onOffer((offer) => (offer === undefined ? screen.clear() : screen.ask(offer.texts['en'])));
 * screen.onTonight(() => vehicle.updates?.accept(vehicle.updates.tonight(2)));
 */
export class Updates {
  private readonly parts: UpdatesParts;
  private readonly memory: UpdateMemory;
  private readonly director: Director;
  private readonly reports: ReportLine;
  private readonly course: UpdateCourse;
  private readonly workshop: Workshop;
  private readonly ecus: ReadonlyMap<string, EcuInstaller>;
  private readonly screen: OfferScreen;
  private readonly progressListeners: ((progress: UpdateProgress) => void)[] = [];
  private readonly resultListeners: ((result: UpdateResult, shown: string) => void)[] = [];
  private readonly awaitingLine = new Set<() => void>();
  private isOnline = false;
  /** Resolves when it is known what runs on board. */
  private readonly known: Promise<void>;

  constructor(parts: UpdatesParts) {
    const { settings, storage, rollout, publish, host, now, log } = parts;
    this.parts = parts;
    this.memory = new UpdateMemory(storage);
    this.screen = new OfferScreen(this.memory, host, now, (tell) => this.quietly(tell));
    this.ecus = new Map(settings.ecus.map((ecu) => [ecu.ecuId, ecu]));
    const request = settings.request ?? overHttp();
    const states = () => statesOf(this.ecus, host, log);
    const { vehicleId, cloudTime } = parts;
    const verification = settings.verification({ storage, vehicleId, cloudTime, states, host, request });
    const common = { host, now, log };
    this.director = new Director({
      ...{ publish, ...common },
      manifest: (requestId) => verification.manifest(requestId),
      online: (signal) => this.online(signal),
    });
    this.reports = new ReportLine({ memory: this.memory, rollout, publish, ...common });
    const { bytesPerSecond, timeFactor = 2, body } = settings;
    const { inventory } = parts;
    // The factory's, from the first day on: later ones come by an installation alone.
    if (this.memory.record.rxswins === undefined && inventory?.rxswins !== undefined) {
      this.memory.change({ rxswins: inventory.rxswins });
    }
    this.course = new UpdateCourse({
      ...{ memory: this.memory, rollout, reports: this.reports, director: this.director, verification, ...common },
      ...{ ecus: this.ecus, body, request, states, reported: reportsOf },
      images: new ImageStore(join(storage.directory, 'images'), log),
      ...(bytesPerSecond !== undefined && { limit: new RateLimit(bytesPerSecond, host) }),
      ...{ vehicleId, language: () => this.language() },
      present: () => ({
        softwareVersion: this.memory.record.softwareVersion ?? inventory?.softwareVersion ?? 'unknown',
        rxswins: this.rxswins ?? {},
      }),
      timeLimit: (minutes) => Math.max(1, minutes) * timeFactor * 60_000,
      tell: (...what) => this.progressed(...what),
      ended: (result) => this.ended(result),
    });
    this.workshop = new Workshop({ memory: this.memory, ecus: this.ecus, body, states, ...common });
    rollout.onChange = () => this.course.wake();
    this.known = this.refreshInventory();
    // What a loss of power has interrupted is taken up without a network.
    void this.known.then(() => this.workshop.takeUp()).then(() => this.course.wake());
    this.screen.refresh();
  }

  /** What there is for this vehicle, also where it is not shown by itself: under "available updates". */
  get available(): UpdateOffer | undefined {
    return this.screen.available;
  }

  /** False where an installation has left neither the old set nor the new one: the vehicle must not be driven. */
  get isSafe(): boolean {
    return this.memory.record.safe;
  }

  /** Something is being done to the control units. */
  get isInstalling(): boolean {
    return this.memory.record.current?.installation !== undefined;
  }

  /**
   * By UN regulation, as the vehicle keeps and tells them; whatever the software says that runs around this. They are the
   * factory's until an installation whose release has others has ended with the whole set healthy.
   */
  get rxswins(): Readonly<Record<string, string>> | undefined {
    return this.memory.record.rxswins;
  }

  /** Tells what the screen is to show by itself, now and at each change; undefined: nothing. */
  onOffer(listener: (offer: UpdateOffer | undefined) => void): this {
    this.screen.add(listener);
    return this;
  }

  onProgress(listener: (progress: UpdateProgress) => void): this {
    this.progressListeners.push(listener);
    return this;
  }

  /** Tells how an attempt ended, and what the screen is to say of it: the record of the update holds the same words. */
  onResult(listener: (result: UpdateResult, shown: string) => void): this {
    this.resultListeners.push(listener);
    return this;
  }

  /**
   * The driver wants it, between these instants (ms since the Unix epoch); from now on for a day unless given.
   *
   * @throws NotDecided
   */
  accept(window: { readonly from: number; readonly to: number } = this.fromNow()): void {
    this.decide({ kind: 'accept', from: Math.round(window.from), to: Math.round(window.to) });
  }

  /** Not now: asked again after two days. @throws NotDecided */
  decline(): void {
    this.decide({ kind: 'decline' });
  }

  /** Never shown by itself any more. @throws NotDecided where it is a recall */
  mute(): void {
    this.decide({ kind: 'mute' });
  }

  /**
   * A workshop has repaired a vehicle that was left unsafe: where every control unit runs something whole and is healthy,
   * the vehicle may be driven again, and the cloud is told. For the diagnostic service, behind its own authentication of
   * the tester (ISO 14229-1, service 29); a vehicle that is safe is left as it is.
   *
   * @throws NotRepaired with what is wrong, control unit by control unit
   */
  async repaired(): Promise<void> {
    await this.workshop.release();
    void this.reports.deliver();
    this.course.wake();
  }

  /** The next four hours from this hour on, by the clock of the control unit. */
  tonight(hour = 2): { readonly from: number; readonly to: number } {
    const start = new Date(this.parts.now());
    start.setHours(hour, 0, 0, 0);
    if (start.getTime() <= this.parts.now()) start.setDate(start.getDate() + 1);
    return { from: start.getTime(), to: start.getTime() + nightHours * 3_600_000 };
  }

  /** @internal The cloud says what it offers. */
  desired(desired: JsonObject): undefined {
    const said = desiredSchema.safeParse(desired).data;
    if (said === undefined) return undefined;
    const offer = said.offer === null ? undefined : offerSchema.safeParse(said.offer).data;
    const { offer: former } = this.memory.record;
    if (said.offer !== null && offer === undefined) {
      this.parts.log('an offer that cannot be read');
      return undefined;
    }
    if (offer === undefined && former === undefined) return undefined;
    // It came late: the newer one is known.
    if (offer?.campaignId === former?.campaignId && offer !== undefined && former !== undefined) {
      if (offer.revision < former.revision) return undefined;
    }
    this.memory.change({ offer });
    this.screen.refresh();
    this.course.wake();
    return undefined;
  }

  /** @internal An answer of the Director. */
  receive(payload: Uint8Array): void {
    this.director.receive(payload);
  }

  /** @internal Before the vehicle goes online: what runs on board is known. */
  ready(): Promise<void> {
    return this.known;
  }

  /** @internal */
  connected(): void {
    this.isOnline = true;
    for (const go of [...this.awaitingLine]) go();
    this.director.connected();
    this.reports.connected();
    this.course.wake();
  }

  /** @internal */
  disconnected(): void {
    this.isOnline = false;
    this.reports.disconnected();
  }

  /** @internal */
  close(): void {
    this.course.close();
    this.screen.close();
  }

  private language(): string {
    return this.parts.settings.language?.() ?? 'en';
  }

  private fromNow(): { from: number; to: number } {
    const from = this.parts.now();
    return { from, to: from + 24 * 3_600_000 };
  }

  private decide(decision: Decision): void {
    const offer = this.available;
    // What is being done to the control units is done to its end, and its record says who consented.
    if (this.isInstalling) throw new NotDecided('An update is being installed.');
    const why = objection(offer, decision, this.parts.now());
    if (offer === undefined || why !== undefined) throw new NotDecided(why ?? 'There is no offer.');
    const { campaignId, revision } = offer;
    const made = { campaignId, revision, decision, at: Math.round(this.parts.now()) };
    const language = languageAmong(Object.keys(offer.texts), this.language());
    const choice = { ...made, ...(language !== undefined && { language }) };
    const report: UpdateReport = { kind: 'decision', ...made };
    // One write: what the car holds to, it also tells.
    this.memory.change({ choice, unsent: [...this.memory.record.unsent, JSON.stringify(report)] });
    this.screen.refresh();
    void this.reports.deliver();
    this.course.wake();
  }

  private progressed(...[phase, percent, waitsFor]: Parameters<ReportLine['progress']>): void {
    const report = this.reports.progress(phase, percent, waitsFor);
    if (report === undefined) return;
    for (const listener of this.progressListeners) this.quietly(() => listener(report));
  }

  private ended(result: UpdateResult): void {
    void this.refreshInventory();
    void this.reports.deliver();
    const version = result.outcome === 'installed' ? result.softwareVersion : '';
    const { text } = resultShown(result, version, this.language());
    for (const listener of this.resultListeners) this.quietly(() => listener(result, text));
  }

  private async refreshInventory(): Promise<void> {
    const { inventory, reportInventory, host, log } = this.parts;
    try {
      const states = await statesOf(this.ecus, host, log);
      await reportInventory(inventoryOnBoard(inventory, states, this.memory.record));
    } catch (error) {
      log(`inventory: ${reasonOf(error)}`);
    }
  }

  private async online(signal: AbortSignal): Promise<void> {
    while (!this.isOnline) {
      const connected = new AbortController();
      const go = () => connected.abort();
      this.awaitingLine.add(go);
      await pause(longestTimer, AbortSignal.any([signal, connected.signal]), this.parts.host).catch(() => {});
      this.awaitingLine.delete(go);
      signal.throwIfAborted();
    }
  }

  private quietly(tell: () => void): void {
    try {
      tell();
    } catch (error) {
      this.parts.log(`a listener to updates: ${reasonOf(error)}`);
    }
  }
}

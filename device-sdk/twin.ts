import { type Host, type Log, reasonOf } from './host.ts';
import { isObject, type JsonObject, mergePatches, patched } from './json-object.ts';
import type { Storage } from './storage.ts';
import type { TwinView, TwinWire } from './twin-wire.ts';

/**
 * Makes true what is desired, as far as the vehicle can, and returns what is true now: that is reported.
 * `desired` holds only what differs from what was last reported. It may be called again with the same
 * wishes, e.g. after a crash.
 */
export type DesiredHandler = (desired: JsonObject) => JsonObject | undefined | Promise<JsonObject | undefined>;

/** Milliseconds before a report that got no answer is sent again. */
const resendPause = 5000;

/** What every twin of a vehicle shares. */
export interface TwinParts {
  readonly requests: TwinWire;
  readonly storage: Storage;
  readonly host: Host;
  readonly log: Log;
}

/**
 * One document that the cloud and the vehicle share: the cloud writes what it desires, the vehicle reports
 * what is. A wish that came while the vehicle was away is found on the next connection; a wish that comes
 * twice, late or out of order changes nothing the second time.
 *
 * @example
 * vehicle.twin('comfort').onDesired(async ({ targetTemperature }) => {
 *   await climate.set(targetTemperature);
 *   return { targetTemperature };
 * });
 */
export class Twin {
  readonly name: string;
  private readonly requests: TwinWire;
  private readonly storage: Storage;
  private readonly host: Host;
  private readonly log: Log;
  private handler: DesiredHandler | undefined;
  private online = false;
  /** The newest version whose wishes were seen. */
  private seen = 0;
  /** Wishes, with the moments they were asked for, that were answered; the same ones are not new. */
  private settled = '';
  private next: TwinView | undefined;
  private working = false;
  private takenBackListener: (isGone: (name: string) => boolean) => void = () => {};
  private unsent: JsonObject | undefined;
  /** On its way, and not taken yet: part of it may be acknowledged and stand on disk alone. */
  private underway: JsonObject = {};
  private onDisk = false;
  /** What the cloud has taken in this life. */
  private said: JsonObject = {};
  private sending: Promise<void> | undefined;

  constructor(name: string, { requests, storage, host, log }: TwinParts) {
    this.name = name;
    this.requests = requests;
    this.storage = storage;
    this.host = host;
    this.log = log;
    const kept = storage.read(this.document);
    if (!isObject(kept)) return;
    this.unsent = kept;
    this.onDisk = true;
  }

  /** One handler a twin; a wish that came before is handed to it at once. */
  onDesired(handler: DesiredHandler): this {
    this.handler = handler;
    void this.work();
    return this;
  }

  /** @internal Tells which members of the desired half are there no more, as far as that is known. */
  onTakenBack(listener: (isGone: (name: string) => boolean) => void): this {
    this.takenBackListener = listener;
    return this;
  }

  /** @internal */
  takenBack(names: readonly string[]): void {
    this.takenBackListener((name) => names.includes(name));
  }

  /**
   * Tells the cloud what is. Members that are null are removed over there. Without a connection the report
   * is kept on disk and sent on the next one.
   */
  async report(reported: JsonObject): Promise<void> {
    this.unsent = mergePatches(this.unsent ?? {}, reported);
    if (!this.online) return this.keepUnsent();
    this.sending ??= this.send();
    await this.sending;
  }

  /** @internal A connection stands: what was missed is asked for. */
  async connected(): Promise<void> {
    this.online = true;
    if (this.unsent !== undefined) await this.report({});
    const before = this.seen;
    const answer = await this.requests.get(this.name);
    if (answer.kind === 'rejected') {
      if (answer.code === 404 && this.seen === before) this.seen = 0;
      if (answer.code === 404) this.takenBackListener(() => true);
      return;
    }
    const { view } = answer;
    this.takenBackListener((name) => !(name in view.delta));
    // Less than what had been seen when asking: it was deleted and began anew.
    if (view.version < before) this.seen = view.version - 1;
    this.receive(view);
  }

  /** @internal */
  disconnected(): void {
    this.online = false;
    this.tryToKeepUnsent();
  }

  /** @internal The vehicle is at home elsewhere: versions begin anew there, and nobody there has heard of what was said. */
  moved(): void {
    this.seen = 0;
    this.settled = '';
    this.next = undefined;
    if (Object.keys(this.said).length > 0) this.unsent = mergePatches(this.said, this.unsent ?? {});
  }

  /** @internal */
  receive(view: TwinView): void {
    if (view.version <= this.seen) return;
    this.seen = view.version;
    // A delta is the whole difference of its version: the newest one stands for all before.
    this.next = Object.keys(view.delta).length > 0 ? view : undefined;
    void this.work();
  }

  /** One wish after the other; those that come meanwhile are one. */
  private async work(): Promise<void> {
    if (this.working) return;
    this.working = true;
    try {
      while (this.next !== undefined && this.handler !== undefined) {
        const view = this.next;
        this.next = undefined;
        await this.settle(view, this.handler);
      }
    } finally {
      this.working = false;
    }
  }

  private async settle({ version, delta, askedAt }: TwinView, handler: DesiredHandler): Promise<void> {
    // Where the vehicle reports something else than desired, each report brings the same delta again.
    const wish = JSON.stringify([delta, askedAt]);
    if (wish === this.settled) return;
    try {
      const reported = await handler(delta);
      if (reported !== undefined && Object.keys(reported).length > 0) await this.report(reported);
      this.settled = wish;
    } catch (error) {
      this.log(`twin ${this.name}: ${reasonOf(error)}`);
      // Still open: the next connection asks for it again, and then it is no old acquaintance.
      if (this.seen === version) this.seen = version - 1;
    }
  }

  private async send(): Promise<void> {
    try {
      while (this.unsent !== undefined && this.online) await this.sendOnce(this.unsent);
    } catch (error) {
      this.log(`twin ${this.name}: ${reasonOf(error)}`);
      this.tryToKeepUnsent();
      this.host.after(resendPause, () => {
        if (this.online && this.unsent !== undefined) void this.report({});
      });
    } finally {
      this.sending = undefined;
    }
  }

  private async sendOnce(reported: JsonObject): Promise<void> {
    this.unsent = undefined;
    this.underway = reported;
    try {
      const answer = await this.requests.report(this.name, reported);
      if (answer.kind === 'rejected') {
        const { code, message } = answer;
        if (code === 429 || code >= 500) throw new Error(`${code} ${message}`);
        // The same report would be refused again.
        this.log(`twin ${this.name}: the report was refused, ${code} ${message}`);
      } else this.said = patched(this.said, reported);
    } catch (error) {
      this.unsent = mergePatches(reported, this.unsent ?? {});
      throw error;
    } finally {
      this.underway = {};
    }
    if (this.onDisk) this.storage.remove(this.document);
    this.onDisk = false;
  }

  private keepUnsent(): void {
    this.storage.write(this.document, mergePatches(this.underway, this.unsent ?? {}));
    this.onDisk = true;
  }

  /** Where the disk takes nothing, the report stays in memory and goes with the next connection. */
  private tryToKeepUnsent(): void {
    try {
      if (this.unsent !== undefined) this.keepUnsent();
    } catch (error) {
      this.log(`twin ${this.name} is not kept: ${reasonOf(error)}`);
    }
  }

  private get document(): string {
    return `twin-${this.name}`;
  }
}

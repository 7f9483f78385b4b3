import * as z from 'zod/mini';
import { type Host, type Log, reasonOf } from '../host.ts';
import { asObject, differing, type JsonObject, patched } from '../json-object.ts';
import type { Wire } from '../questions.ts';
import { parseJson } from '../storage.ts';
import { Denied } from '../transport.ts';
import type { TwinAnswer, TwinView, TwinWire } from '../twin-wire.ts';
import { twinTopics } from './channels.ts';

/** Milliseconds. */
const answerTimeout = 10_000;
const askAgain = 10_000;

/** Members of the twin that are no twins of anybody: when each was last asked for, and what has been released. */
const reserved: ReadonlySet<string> = new Set(['stamps', 'rollouts']);

const section = z.catchall(z.object({ $version: z.number() }), z.unknown());
const documentSchema = z.object({ desired: section, reported: section });

interface Mirror {
  readonly version: number;
  readonly desired: JsonObject;
  readonly reported: JsonObject;
}

interface DeviceTwinParts {
  readonly wire: Pick<Wire, 'publish'>;
  readonly host: Pick<Host, 'after'>;
  readonly log: Log;
}

/**
 * The one twin of a device, of which each member is a twin of the vehicle. The hub says what is desired as a whole when
 * asked, and afterwards as patches that it sends once and to nobody who is away; what differs is found out on board.
 */
export class DeviceTwin implements TwinWire {
  onDelta: TwinWire['onDelta'] = () => {};
  onTakenBack: TwinWire['onTakenBack'] = () => {};
  /** Called when the twin was read, and when what has been released changes. */
  onRollouts: () => void = () => {};
  private readonly parts: DeviceTwinParts;
  private mirror: Mirror | undefined;
  private online = false;
  /** Whether the mirror has been kept up since it was read, over this connection. */
  private fresh = false;
  private reading: Promise<void> | undefined;
  private arrived: { resolve: () => void; reject: (error: Error) => void } | undefined;
  /** Patches that came while the document was on its way, by version. */
  private early = new Map<number, JsonObject>();
  /** Reports that were taken while the document was on its way: it may not have them yet. */
  private since: JsonObject[] = [];

  constructor(parts: DeviceTwinParts) {
    this.parts = parts;
  }

  async get(twin: string): Promise<TwinAnswer> {
    if (!this.fresh) await this.read();
    return { kind: 'accepted', view: this.view(twin) };
  }

  async report(twin: string, reported: JsonObject): Promise<TwinAnswer> {
    try {
      await this.reportAll({ [twin]: reported });
    } catch (error) {
      if (error instanceof Denied) return { kind: 'rejected', code: 400, message: error.message };
      throw error;
    }
    return { kind: 'accepted', view: this.view(twin) };
  }

  /** Of what the hub has: undefined before it was read for the first time. */
  member(name: string): { readonly desired: JsonObject; readonly reported: JsonObject } | undefined {
    if (this.mirror === undefined) return undefined;
    return { desired: asObject(this.mirror.desired[name]), reported: asObject(this.mirror.reported[name]) };
  }

  /** Resolves once the hub has taken it. @throws Denied where it never will */
  async reportAll(patch: JsonObject): Promise<void> {
    await this.parts.wire.publish(twinTopics.reported, JSON.stringify(patch));
    if (this.reading !== undefined) this.since.push(patch);
    if (this.mirror !== undefined) this.mirror = { ...this.mirror, reported: patched(this.mirror.reported, patch) };
  }

  /** Asks the hub for the whole twin; who asks meanwhile gets the same answer. */
  read(): Promise<void> {
    this.reading ??= this.readOnce().finally(() => {
      this.reading = undefined;
    });
    return this.reading;
  }

  connected(): void {
    this.online = true;
    if (!this.fresh) this.catchUp();
  }

  disconnected(): void {
    this.online = false;
    this.fresh = false;
    this.early.clear();
    this.arrived?.reject(new Error('the line broke before the answer'));
  }

  /** Takes a message about the twin; false when the topic is another. */
  receive(topic: string, payload: Uint8Array): boolean {
    if (topic !== twinTopics.document && topic !== twinTopics.desired) return false;
    const message = parseJson(Buffer.from(payload).toString('utf8'));
    if (topic === twinTopics.document) {
      const document = documentSchema.safeParse(message).data;
      if (document !== undefined) this.become(document);
    } else {
      const patch = section.safeParse(message).data;
      if (patch !== undefined) this.desired(patch);
    }
    return true;
  }

  private async readOnce(): Promise<void> {
    this.since = [];
    const { wire, host } = this.parts;
    const document = new Promise<void>((resolve, reject) => {
      this.arrived = { resolve, reject };
    });
    const cancel = host.after(answerTimeout, () => this.arrived?.reject(new Error('no answer to get of the twin')));
    try {
      wire.publish(twinTopics.get, '').catch((error) => this.arrived?.reject(error));
      await document;
    } finally {
      cancel();
      this.arrived = undefined;
    }
  }

  /** For patches that were missed, and for a vehicle that asks for nothing by itself. */
  private catchUp(): void {
    this.read().catch((error) => {
      if (!this.online) return;
      this.parts.log(`the twin: ${reasonOf(error)}`);
      this.parts.host.after(askAgain, () => {
        if (this.online && !this.fresh) this.catchUp();
      });
    });
  }

  private become({ desired, reported }: z.infer<typeof documentSchema>): void {
    // Late, after another answer: nobody waits for it, and it may be the older one.
    if (this.arrived === undefined) return;
    const before = this.mirror;
    this.mirror = {
      version: desired.$version,
      desired: withoutVersion(desired),
      reported: this.since.reduce(patched, withoutVersion(reported)),
    };
    this.fresh = true;
    for (const [version, patch] of [...this.early].sort(([one], [other]) => one - other)) {
      if (version > this.mirror.version) this.mirror = after(this.mirror, version, patch);
    }
    this.early.clear();
    if (before !== undefined) this.tellTakenBack(before.desired, this.mirror.desired);
    for (const name of Object.keys(this.mirror.desired)) this.tell(name);
    this.onRollouts();
    this.arrived.resolve();
  }

  private desired(patch: JsonObject & { readonly $version: number }): void {
    const { $version: version } = patch;
    const known = this.fresh ? this.mirror : undefined;
    if (known !== undefined && version <= known.version) return;
    if (known === undefined || version !== known.version + 1) {
      // The document is on its way, or a patch was lost, which nobody repeats: the hub is asked for the whole.
      this.early.set(version, patch);
      this.fresh = false;
      if (known !== undefined) this.catchUp();
      return;
    }
    this.mirror = after(known, version, patch);
    this.tellTakenBack(known.desired, this.mirror.desired);
    for (const name of new Set([...Object.keys(patch), ...Object.keys(asObject(patch['stamps']))])) this.tell(name);
    if ('rollouts' in patch) this.onRollouts();
  }

  private tell(name: string): void {
    if (reserved.has(name) || name.startsWith('$')) return;
    this.onDelta(name, this.view(name));
  }

  private tellTakenBack(before: JsonObject, now: JsonObject): void {
    for (const [name, former] of Object.entries(before)) {
      const left = asObject(now[name]);
      const gone = Object.keys(asObject(former)).filter((each) => !Object.hasOwn(left, each));
      if (gone.length > 0 && !reserved.has(name)) this.onTakenBack(name, gone);
    }
  }

  private view(name: string): TwinView {
    const { version, desired, reported } = this.mirror ?? { version: 0, desired: {}, reported: {} };
    const delta = differing(asObject(desired[name]), asObject(reported[name]));
    return { version, delta, askedAt: asObject(desired['stamps'])[name] };
  }
}

function after(mirror: Mirror, version: number, patch: JsonObject): Mirror {
  return { ...mirror, version, desired: patched(mirror.desired, withoutVersion(patch)) };
}

function withoutVersion({ $version: _, ...rest }: JsonObject): JsonObject {
  return rest;
}

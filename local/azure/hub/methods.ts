import { randomUUID } from 'node:crypto';
import type { Cancel, LocalClock } from '#local/clock.ts';
import type { DeviceLine } from './device-line.ts';
import { argumentInvalid, HubError } from './hub-error.ts';
import type { Identities } from './identities.ts';
import type { Lines } from './lines.ts';
import { Listeners } from './listeners.ts';

export interface MethodCall {
  readonly methodName: string;
  readonly payload: unknown;
  /** Seconds from the call's arrival at the device to its answer. */
  readonly responseTimeout: number;
  /** Seconds that an absent device is waited for. */
  readonly connectTimeout: number;
}

export interface MethodAnswer {
  readonly status: number;
  readonly payload: unknown;
}

/** What one way of a call weighs, in bytes. */
export interface Carried {
  readonly deviceId: string;
  readonly way: 'request' | 'response';
  readonly bytes: number;
}

/** Of a payload, one way. */
const mostBytes = 128 * 1024;

interface Pending {
  readonly deviceId: string;
  readonly answer: (answer: MethodAnswer) => void;
}

/** Direct methods: from whoever invokes to the device's line, and its answer back. */
export class Methods {
  readonly carried = new Listeners<Carried>();
  readonly #identities: Identities;
  readonly #lines: Lines;
  readonly #clock: LocalClock;
  /** Lines whose devices have asked for methods. */
  readonly #ready = new WeakSet<DeviceLine>();
  readonly #waiting = new Map<string, Set<() => void>>();
  readonly #pending = new Map<string, Pending>();

  constructor({
    identities,
    lines,
    clock,
  }: { readonly identities: Identities; readonly lines: Lines; readonly clock: LocalClock }) {
    this.#identities = identities;
    this.#lines = lines;
    this.#clock = clock;
  }

  /** The device at this line takes methods from now on; the line must be attached. */
  connect(deviceId: string, line: DeviceLine): void {
    this.#ready.add(line);
    for (const go of [...(this.#waiting.get(deviceId) ?? [])]) go();
  }

  /** The device takes none any more; who calls hears that it is not online. */
  disconnect(line: DeviceLine): void {
    this.#ready.delete(line);
  }

  /** What the device said to `requestId`; false: nobody waits for it (any more), or it is larger than 128 KB. */
  answer(deviceId: string, requestId: string, answer: MethodAnswer): boolean {
    const pending = this.#pending.get(requestId);
    if (pending?.deviceId !== deviceId) return false;
    const bytes = sizeOf(answer.payload);
    if (bytes > mostBytes) return false;
    this.carried.tell({ deviceId, way: 'response', bytes });
    pending.answer(answer);
    return true;
  }

  /** @throws HubError DeviceNotFound, DeviceNotOnline (404103), GatewayTimeout (504101: it may have arrived) */
  async invoke(deviceId: string, call: MethodCall): Promise<MethodAnswer> {
    this.#identities.get(deviceId);
    const bytes = sizeOf(call.payload);
    if (bytes > mostBytes) throw argumentInvalid(`payload: at most ${mostBytes} bytes`);
    this.carried.tell({ deviceId, way: 'request', bytes });
    const line = this.#readyLine(deviceId) ?? (await this.#connected(deviceId, call.connectTimeout));
    return new Promise((resolve, reject) => {
      const requestId = randomUUID();
      const settle = () => {
        cancel();
        this.#pending.delete(requestId);
      };
      const cancel = this.#clock.after(call.responseTimeout * 1000, () => {
        settle();
        reject(new HubError('GatewayTimeout', 'Timed out waiting for the response from device.'));
      });
      this.#pending.set(requestId, {
        deviceId,
        answer(said) {
          settle();
          resolve(said);
        },
      });
      line.method(requestId, call.methodName, call.payload);
    });
  }

  #readyLine(deviceId: string): DeviceLine | undefined {
    const line = this.#lines.get(deviceId);
    return line !== undefined && this.#ready.has(line) ? line : undefined;
  }

  #connected(deviceId: string, seconds: number): Promise<DeviceLine> {
    const offline = () => {
      // The answer that there is nobody is billed as one.
      this.carried.tell({ deviceId, way: 'response', bytes: 0 });
      return new HubError('DeviceNotOnline', 'Timed out waiting for device to connect.');
    };
    if (seconds === 0) return Promise.reject(offline());
    return new Promise((resolve, reject) => {
      const waiting = this.#waiting.get(deviceId) ?? new Set();
      this.#waiting.set(deviceId, waiting);
      const stop = (cancel: Cancel) => {
        cancel();
        waiting.delete(go);
        if (waiting.size === 0) this.#waiting.delete(deviceId);
      };
      const go = () => {
        const line = this.#readyLine(deviceId);
        if (line === undefined) return;
        stop(cancel);
        resolve(line);
      };
      const cancel = this.#clock.after(seconds * 1000, () => {
        stop(cancel);
        reject(offline());
      });
      waiting.add(go);
    });
  }
}

const sizeOf = (payload: unknown) => Buffer.byteLength(JSON.stringify(payload) ?? '');

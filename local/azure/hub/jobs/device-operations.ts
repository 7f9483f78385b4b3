import { HubError } from '../hub-error.ts';
import type { Methods } from '../methods.ts';
import type { Twins } from '../twins.ts';
import type { DeviceJob, JobWish } from './job.ts';

export type Outcome = Pick<DeviceJob, 'status' | 'answer' | 'error'>;

/** What a job does at one device. Never throws: what went wrong is its outcome. */
export class DeviceOperations {
  readonly #twins: Twins;
  readonly #methods: Methods;

  constructor({ twins, methods }: { readonly twins: Twins; readonly methods: Methods }) {
    this.#twins = twins;
    this.#methods = methods;
  }

  /** A twin is written before this returns; a method is waited for. */
  run(wish: JobWish, deviceId: string): Outcome | Promise<Outcome> {
    try {
      if (wish.type === 'scheduleDeviceMethod') return this.#invoke(wish.cloudToDeviceMethod, deviceId).catch(failed);
      const { etag, ...patch } = wish.updateTwin;
      this.#twins.patchByService(deviceId, patch, etag ?? undefined);
      return { status: 'completed', answer: undefined, error: undefined };
    } catch (error) {
      return failed(error);
    }
  }

  async #invoke(
    call: Extract<JobWish, { type: 'scheduleDeviceMethod' }>['cloudToDeviceMethod'],
    deviceId: string,
  ): Promise<Outcome> {
    const answer = await this.#methods.invoke(deviceId, {
      methodName: call.methodName,
      payload: call.payload ?? null,
      responseTimeout: call.responseTimeoutInSeconds ?? 30,
      connectTimeout: call.connectTimeoutInSeconds ?? 0,
    });
    return { status: 'completed', answer, error: undefined };
  }
}

function failed(error: unknown): Outcome {
  const description = error instanceof Error ? error.message : String(error);
  const code = error instanceof HubError ? String(error.number) : '500001';
  return { status: 'failed', answer: undefined, error: { code, description } };
}

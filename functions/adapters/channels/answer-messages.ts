import type { Clock } from '#shared/kernel/clock.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import type { DeviceMessages } from '#shared/vehicle-cloud/device-messages.ts';
import type { SharingAnswer } from '#shared/vehicle-cloud/sharing-envelopes.ts';
import type { DirectorAnswer } from '#shared/vehicle-cloud/update-envelopes.ts';

/** ms after which the vehicle has asked again. */
const worthwhile = 60_000;

/** Answers to what a vehicle asked: the Director's, and those of the sharing service. */
export class AnswerMessages<Answer extends DirectorAnswer | SharingAnswer> {
  readonly #messages: DeviceMessages;
  readonly #channel: 'updates' | 'sharing';
  readonly #clock: Clock;

  constructor(messages: DeviceMessages, channel: 'updates' | 'sharing', clock: Clock) {
    this.#messages = messages;
    this.#channel = channel;
    this.#clock = clock;
  }

  async send(vehicleId: VehicleId, answer: Answer): Promise<void> {
    const now = this.#clock.now();
    const message = { channel: this.#channel, payload: answer, mode: 'live', messageId: answer.requestId } as const;
    await this.#messages.send(vehicleId, { ...message, expiresAt: now + worthwhile }, now);
  }
}

import type { Clock } from '#shared/kernel/clock.ts';
import type { ClaimCodeChannel } from '#shared/ownership/code-service.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import type { DeviceMessages } from '#shared/vehicle-cloud/device-messages.ts';
import type { ClaimCodeAnswer } from '#shared/vehicle-cloud/envelopes.ts';

export class ClaimCodeMessages implements ClaimCodeChannel {
  readonly #messages: DeviceMessages;
  readonly #clock: Clock;

  constructor(messages: DeviceMessages, clock: Clock) {
    this.#messages = messages;
    this.#clock = clock;
  }

  async send(vehicleId: VehicleId, answer: ClaimCodeAnswer, lifetime: number): Promise<void> {
    const now = this.#clock.now();
    const messageId = `${answer.kind}-${answer.kind === 'used' ? answer.revision : answer.requestId}`;
    // A code that is over must not appear on a screen because the vehicle was in a tunnel.
    const message = {
      channel: 'claim-code',
      payload: answer,
      expiresAt: now + lifetime,
      mode: 'live',
      messageId,
    } as const;
    await this.#messages.send(vehicleId, message, now);
  }
}

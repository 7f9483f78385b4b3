import azureIotDevice, { type MethodMessage } from 'azure-iot-device';
import type { Mqtt } from 'azure-iot-device-mqtt';
import * as z from 'zod/mini';
import { parseJson } from '../storage.ts';
import { channels } from './channels.ts';

/** What the cloud says over methods, one channel each. */
const methodNames = [
  channels.commandTopic,
  channels.claimCodeTopic,
  channels.updateTopic,
  channels.sharingTopic,
] as const;

/** Milliseconds for which a command's caller waits for the reply; the cloud gives up after 25 s. */
const replyPatience = 20_000;

const commandSchema = z.object({ commandId: z.string() });

interface Caller {
  answer(status: number, payload: object): void;
}

/**
 * Direct methods as messages: the caller is answered once the message was taken, and the caller of a command with its
 * reply, where there is one in time.
 */
export class DirectMethods {
  /** Channels that the vehicle listens to; undefined before it has said so. */
  private heard: ReadonlySet<string> | undefined;
  private readonly mqtt: Mqtt;
  private readonly hear: (channel: string, payload: Uint8Array) => void;
  private readonly log: (line: string) => void;
  /** Callers by the command whose reply they wait for. */
  private readonly waiting = new Map<string, Caller[]>();
  private readonly timers = new Set<NodeJS.Timeout>();

  constructor(mqtt: Mqtt, hear: (channel: string, payload: Uint8Array) => void, log: (line: string) => void) {
    this.mqtt = mqtt;
    this.hear = hear;
    this.log = log;
    for (const name of methodNames) mqtt.onDeviceMethod(name, (message) => this.called(name, message));
  }

  listensTo(channelNames: readonly string[]): void {
    this.heard = new Set([...(this.heard ?? []), ...channelNames]);
  }

  /** The vehicle replies to a command: whoever waits for that is told. */
  replied(payload: string): void {
    const reply = parseJson(payload);
    const { commandId } = commandSchema.safeParse(reply).data ?? {};
    if (commandId === undefined) return;
    for (const caller of this.waiting.get(commandId) ?? []) caller.answer(200, { reply });
    this.waiting.delete(commandId);
  }

  /** The line is gone, and with it whoever waits. */
  close(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.waiting.clear();
  }

  private called(name: (typeof methodNames)[number], { requestId, body }: MethodMessage): void {
    const caller = this.caller(requestId);
    if (this.heard !== undefined && !this.heard.has(name)) {
      caller.answer(404, { received: false });
      return;
    }
    if (name !== channels.commandTopic) {
      this.hear(name, body);
      caller.answer(200, { received: true });
      return;
    }
    const command = commandSchema.safeParse(parseJson(body.toString('utf8'))).data;
    if (command === undefined) {
      // Without an id it cannot be replied to: only its caller can hear that it is no command.
      this.hear(name, body);
      caller.answer(400, { received: false });
      return;
    }
    // First, because a reply that the vehicle remembers comes at once.
    this.await(command.commandId, caller);
    this.hear(name, body);
  }

  private await(commandId: string, caller: Caller): void {
    this.waiting.set(commandId, [...(this.waiting.get(commandId) ?? []), caller]);
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      const others = (this.waiting.get(commandId) ?? []).filter((other) => other !== caller);
      if (others.length > 0) this.waiting.set(commandId, others);
      else this.waiting.delete(commandId);
      caller.answer(202, { received: true });
    }, replyPatience);
    this.timers.add(timer);
  }

  private caller(requestId: string): Caller {
    let answered = false;
    return {
      answer: (status, payload) => {
        if (answered) return;
        answered = true;
        new azureIotDevice.DeviceMethodResponse(requestId, this.mqtt)
          .send(status, payload)
          .catch((error: unknown) => this.log(`the answer to a method: ${error}`));
      },
    };
  }
}

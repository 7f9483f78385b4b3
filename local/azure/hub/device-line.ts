import type { JsonObject } from '#local/iot/shadows/json.ts';
import type { DeviceboundMessage } from './devicebound-message.ts';

/** The connection of one device, whatever protocol it speaks. None of these may throw. */
export interface DeviceLine {
  readonly connectionId: string;
  /** Desired properties were written; the line sends it on if the device has asked for it. */
  desired(patch: JsonObject, version: number): void;
  /** Called only after `methods.connect`. */
  method(requestId: string, name: string, payload: unknown): void;
  /** Called only after `devicebound.connect`; the message is locked until it is completed. */
  devicebound(message: DeviceboundMessage): void;
  /** The hub ends the connection; the line calls nothing of the hub any more, not even `lines.detach`. */
  close(reason: string): void;
}

import type { LocalIotHub } from '#local/azure/hub/hub.ts';
import { HubError } from '#local/azure/hub/hub-error.ts';
import type { Wire } from './wire.ts';

/** A hub that is sent too much lets messages wait, and where too many wait already it ends the connection. */
export function inTurn({ metering, throttle, clock }: LocalIotHub, wire: Wire, take: () => void): void {
  let wait: number;
  try {
    metering.requireQuota();
    wait = throttle.shape('telemetry');
  } catch (error) {
    if (!(error instanceof HubError)) throw error;
    wire.end({ kind: 'refused', reason: error.message });
    return;
  }
  if (wait === 0) take();
  else clock.after(wait, () => wire.ended || take());
}

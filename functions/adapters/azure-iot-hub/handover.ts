import type { Clock } from '#shared/kernel/clock.ts';
import { Failure } from '#shared/kernel/failure.ts';
import type { HubOrder } from './hub-calls.ts';
import type { HubOf } from './hub-cloud.ts';
import { carryOut } from './hub-desk.ts';

/** Milliseconds in which another try begins: with the ten seconds that a vehicle may take, less than its function has. */
const patience = 15_000;

/**
 * A message for whose reply nobody waits. Whoever sent it is gone, and a command lives for half a minute: where the hub
 * takes no more at the moment, it is tried again on the spot.
 *
 * @throws Failure where that takes longer: Lambda tries again in a minute
 */
export async function handOver(
  message: Extract<HubOrder, { kind: 'message' }>,
  hubs: HubOf,
  { clock, pause }: { readonly clock: Clock; readonly pause: (ms: number) => Promise<void> },
): Promise<'done' | 'pointless'> {
  const last = clock.now() + patience;
  for (;;) {
    try {
      return await carryOut(message, hubs, clock.now());
    } catch (error) {
      if (!(error instanceof Failure) || error.retryAfter === undefined) throw error;
      const wait = error.retryAfter * 1000;
      if (clock.now() + wait > last) throw error;
      await pause(wait);
    }
  }
}

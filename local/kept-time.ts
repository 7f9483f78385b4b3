import type { MovableClock } from './clock.ts';
import type { State } from './state/collection.ts';

/**
 * What was stored in a time that was moved must not lie in the future after a restart: the clock goes on as it went.
 *
 * @returns what ends the keeping; to be called before the state is closed
 */
export function keepTime(clock: MovableClock, state: State): () => void {
  const kept = state.collection<number>('clock');
  const ahead = kept.get('ahead');
  if (ahead !== undefined && ahead !== clock.ahead) clock.runAhead(ahead);
  else if (clock.ahead !== 0) kept.set('ahead', clock.ahead);
  return clock.whenMoved((now) => kept.set('ahead', now));
}

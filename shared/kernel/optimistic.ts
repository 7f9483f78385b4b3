import { Failure } from './failure.ts';

/**
 * Repeats load-decide-save until the save finds what was loaded. One of several writers wins each round,
 * so that a handful of rounds is plenty; beyond it somebody is writing in a circle.
 *
 * @param attempt undefined when somebody else was faster
 */
export async function untilSaved<T>(attempt: () => Promise<T | undefined>, rounds = 8): Promise<T> {
  for (let round = 0; round < rounds; round++) {
    const result = await attempt();
    if (result !== undefined) return result;
  }
  throw new Failure('unavailable', 'contended', 'Others keep changing the same thing at the same time.', {
    retryAfter: 1,
  });
}

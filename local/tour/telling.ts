import { setTimeout as pause } from 'node:timers/promises';

/** What a step found untrue. */
class Untrue extends Error {
  override readonly name = 'Untrue';
}

/** @throws Untrue with what was expected and what came instead */
export function check(holds: boolean, expected: string, instead: unknown): void {
  if (!holds) throw new Untrue(`expected ${expected}, got ${inspect(instead)}`);
}

/**
 * Asks until the answer is acceptable, and leaves who works on it as long in peace as each question took.
 *
 * @throws Untrue with the last answer after `patience` ms
 */
export async function eventually<T>(
  expected: string,
  ask: () => Promise<T> | T,
  acceptable: (answer: T) => boolean,
  patience = 10_000,
): Promise<T> {
  const deadline = performance.now() + patience;
  for (;;) {
    const asked = performance.now();
    const answer = await ask();
    const took = performance.now() - asked;
    if (acceptable(answer)) return answer;
    if (performance.now() > deadline) {
      throw new Untrue(`expected within ${patience / 1000} s ${expected}, got ${inspect(answer)}`);
    }
    await pause(Math.min(Math.max(20, took), 100));
  }
}

/** A member of a JSON document, by path; undefined where there is none. */
export function at(document: unknown, ...path: readonly (string | number)[]): unknown {
  let found: unknown = document;
  for (const step of path) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = Object.entries(found).find(([name]) => name === String(step))?.[1];
  }
  return found;
}

/** The name of the problem that an answer is; '' where it is none. */
export function problem({ body }: { readonly body: unknown }): string {
  return /#problem-([\w-]+)$/.exec(String(at(body, 'type')))?.[1] ?? '';
}

function inspect(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return (text ?? 'nothing').slice(0, 800);
}

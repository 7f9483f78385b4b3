import type { Host } from '../../host.ts';

/**
 * Calls what may hang. After `ms`, or when `outer` is aborted, the call's own signal is aborted and it counts as
 * failed, whatever it does.
 */
export function patiently<T>(
  call: (signal: AbortSignal) => Promise<T>,
  { ms, what, outer, host }: { ms: number; what: string; outer: AbortSignal; host: Pick<Host, 'after'> },
): Promise<T> {
  return new Promise((resolve, reject) => {
    const inner = new AbortController();
    const giveUp = (reason: unknown) => {
      settle();
      inner.abort(reason);
      reject(reason);
    };
    const cancelled = () => giveUp(outer.reason);
    const cancel = host.after(ms, () => giveUp(new Error(`${what}: no answer within ${ms / 1000} s`)));
    const settle = () => {
      cancel();
      outer.removeEventListener('abort', cancelled);
    };
    if (outer.aborted) return cancelled();
    outer.addEventListener('abort', cancelled, { once: true });
    call(inner.signal).then(
      (value) => {
        settle();
        resolve(value);
      },
      (error: unknown) => {
        settle();
        reject(error);
      },
    );
  });
}

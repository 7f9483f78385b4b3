/**
 * What a simulated control unit does instead of what it is asked. `fail`: it says no (a boot ends in a boot loop, a
 * health check finds it unhealthy); `hang`: it never answers; `lie`: it says yes and does nothing.
 */
export interface Misbehaviour {
  readonly on: 'inspect' | 'erase' | 'write' | 'seal' | 'switchTo' | 'boot' | 'health' | 'commit' | 'read';
  readonly how: 'fail' | 'hang' | 'lie';
  /** Only with software of this version; with any unless given. */
  readonly version?: string;
  /** So often, then never again; always unless given. */
  readonly times?: number;
}

/** Keeps count of what is left of each. */
export class Misbehaviours {
  private readonly left: { readonly what: Misbehaviour; times: number }[] = [];

  add(...what: readonly Misbehaviour[]): void {
    for (const one of what) this.left.push({ what: one, times: one.times ?? Number.POSITIVE_INFINITY });
  }

  clear(): void {
    this.left.length = 0;
  }

  /** @param among whether only some manners count */
  take(
    on: Misbehaviour['on'],
    version?: string,
    among: readonly Misbehaviour['how'][] = ['fail', 'hang', 'lie'],
  ): Misbehaviour['how'] | undefined {
    const found = this.left.find(
      ({ what, times }) =>
        what.on === on &&
        times > 0 &&
        among.includes(what.how) &&
        (what.version === undefined || what.version === version),
    );
    if (found === undefined) return undefined;
    found.times -= 1;
    return found.what.how;
  }
}

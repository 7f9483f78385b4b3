import type { Host } from '../host.ts';

/** Milliseconds for which a question is good. */
const lifetime = 30_000;
/** Questions at a time: who asks for more, takes the oldest from somebody. */
const most = 64;

/** The questions that phones are asked. They are in memory alone: after a restart none of them is good. */
export class Challenges {
  private readonly host: Host;
  private readonly newNonce: () => Uint8Array;
  private readonly open = new Map<string, number>();
  private readonly used = new Map<string, number>();

  constructor(host: Host, newNonce: () => Uint8Array) {
    this.host = host;
    this.newNonce = newNonce;
  }

  ask(): Uint8Array {
    this.forget();
    const nonce = this.newNonce();
    this.open.set(nameOf(nonce), this.host.monotonic() + lifetime);
    return nonce;
  }

  /** Whatever comes of it, it is no question any more. */
  take(nonce: Uint8Array): 'good' | 'nonce-used' | 'nonce-unknown' {
    this.forget();
    const name = nameOf(nonce);
    if (this.used.has(name)) return 'nonce-used';
    const until = this.open.get(name);
    if (until === undefined) return 'nonce-unknown';
    this.open.delete(name);
    this.used.set(name, until);
    return 'good';
  }

  private forget(): void {
    const now = this.host.monotonic();
    for (const questions of [this.open, this.used]) {
      for (const [name, until] of questions) {
        if (until > now && questions.size < most) break;
        questions.delete(name);
      }
    }
  }
}

function nameOf(nonce: Uint8Array): string {
  return Buffer.from(nonce).toString('base64url');
}

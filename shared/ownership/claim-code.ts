import type { Instant } from '../kernel/clock.ts';
import type { VehicleId } from '../registry/vehicle-id.ts';

/** Eight characters of Crockford's base32: no I, L, O, U, which look like others or make words. */
export type CodeText = string & { readonly codeText: unique symbol };

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const form = new RegExp(`^[${alphabet}]{8}$`);

/** Random bytes that one code takes: five bits a character. */
export const codeBytes = 5;
/** Milliseconds. */
export const codeLifetime = 600_000;
const triesPerCode = 5;

/**
 * Milliseconds for which whoever made a code is believed to be on the way to the vehicle with it: a duplicate of the
 * request would void it behind its back.
 */
const underWay = 5_000;

/** A vehicle may ask for so many codes in this many milliseconds. */
const codesPerWindow = 10;
const codeWindow = 600_000;

/** What is known of the code that a vehicle shows: never the code itself. */
export interface ClaimCode extends SealedCode {
  readonly vehicleId: VehicleId;
  /** Rises with each code of this vehicle, also across forgotten ones: ms since the Unix epoch, or one more than before. */
  readonly revision: number;
  /** What the vehicle asked with. */
  readonly requestId: string;
  /** The vehicle's own topic has taken the code. */
  readonly published: boolean;
  readonly validUntil: Instant;
  readonly triesLeft: number;
  /** Codes made until `windowEndsAt`, this one included. */
  readonly made: number;
  readonly windowEndsAt: Instant;
}

export interface SealedCode {
  readonly vehicleId: VehicleId;
  /** Slow and salted, base64. */
  readonly hash: string;
  readonly salt: string;
}

/** What comes of a vehicle's asking for a code. */
export type Asked =
  | { readonly kind: 'make'; readonly next: Omit<ClaimCode, 'hash' | 'salt'> }
  /** The same message came before, and its code is out or about to be. */
  | { readonly kind: 'answered' }
  | { readonly kind: 'refuse'; readonly reason: 'too-often'; readonly retryAt: Instant };

export function asked(
  seen: ClaimCode | undefined,
  request: { readonly vehicleId: VehicleId; readonly requestId: string },
  now: Instant,
): Asked {
  if (seen?.requestId === request.requestId && (seen.published || isUnderWay(seen, now))) return { kind: 'answered' };
  // None reaches further than its time: where the clock was set back, it would refuse for as long.
  const inWindow = seen !== undefined && seen.windowEndsAt > now && seen.windowEndsAt - now <= codeWindow;
  if (inWindow && seen.made >= codesPerWindow) {
    return { kind: 'refuse', reason: 'too-often', retryAt: seen.windowEndsAt };
  }
  const next = {
    ...request,
    revision: Math.max(now, (seen?.revision ?? 0) + 1),
    published: false,
    validUntil: now + codeLifetime,
    triesLeft: triesPerCode,
    made: inWindow ? seen.made + 1 : 1,
    windowEndsAt: inWindow ? seen.windowEndsAt : now + codeWindow,
  };
  return { kind: 'make', next };
}

function isUnderWay({ validUntil }: ClaimCode, now: Instant): boolean {
  const madeAt = validUntil - codeLifetime;
  return madeAt <= now && now < madeAt + underWay;
}

/** @param bytes five random ones */
export function codeOf(bytes: Uint8Array): CodeText {
  let number = bytes.reduce((all, byte) => all * 256 + byte, 0);
  let text = '';
  for (let place = 0; place < 8; place++) {
    text = alphabet.charAt(number % 32) + text;
    number = Math.floor(number / 32);
  }
  if (bytes.length !== codeBytes || !isCodeText(text)) throw new RangeError(`A code takes ${codeBytes} bytes`);
  return text;
}

/** The code that somebody typed: case, hyphens and spaces do not matter, and a look-alike is what it looks like. */
export function codeTyped(text: string): CodeText | undefined {
  const code = text.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1');
  return isCodeText(code) ? code : undefined;
}

/** As the screen shows it: `7K3M-9QWX`. */
export function shownCode(code: CodeText): string {
  return `${code.slice(0, 4)}-${code.slice(4)}`;
}

function isCodeText(text: string): text is CodeText {
  return form.test(text);
}

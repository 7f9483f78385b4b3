import { base64urlBytes } from '../../kernel/base64url.ts';
import { isSignedBy } from '../keys/cose-sign1.ts';
import type { Verify } from '../keys/signature.ts';
import { Unreadable } from '../keys/strict-cbor.ts';
import { readTripEvent } from '../keys/trip-line.ts';
import type { LineReader } from './log-service.ts';

/** Reads the lines of a log as vehicles sign them. */
export function lineReader(verify: Verify): LineReader {
  return (line, logKey) => {
    const [bytes, spki] = [base64urlBytes(line), base64urlBytes(logKey)];
    const signed = bytes && readable(bytes);
    if (signed === undefined || spki === undefined) return { kind: 'refused', reason: 'unreadable' };
    if (!isSignedBy(spki, verify, signed)) return { kind: 'refused', reason: 'bad-signature' };
    return { kind: 'read', event: signed.content };
  };
}

function readable(bytes: Uint8Array) {
  try {
    return readTripEvent(bytes);
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}

import { randomUUID } from 'node:crypto';

/** `Root=1-67404d20-…;Parent=…;Sampled=1` (X-Ray developer guide, "Tracing header"). */
export interface TraceHeader {
  readonly root: string;
  readonly parent: string | undefined;
}

export const traceIdPattern = /^1-[0-9a-f]{8}-[0-9a-f]{24}$/;

/** @param now ms since the Unix epoch: an X-Ray id begins with its seconds */
export function newTraceId(now: number): string {
  const seconds = Math.floor(now / 1000)
    .toString(16)
    .padStart(8, '0');
  return `1-${seconds}-${randomHex(24)}`;
}

export function newHopId(): string {
  return randomHex(16);
}

/** A hop is noted in microseconds: Node keeps UUIDs in stock, random bytes it does not. */
function randomHex(digits: number): string {
  return randomUUID().replaceAll('-', '').slice(0, digits);
}

/** Undefined for anything that is no tracing header: whoever sent it begins a trace of its own. */
export function readTraceHeader(text: string | undefined): TraceHeader | undefined {
  if (text === undefined) return undefined;
  const parts = new Map<string, string>();
  for (const part of text.split(';')) {
    const [name = '', value = ''] = part.split('=');
    parts.set(name.trim(), value.trim());
  }
  const root = parts.get('Root') ?? '';
  if (!traceIdPattern.test(root)) return undefined;
  const parent = parts.get('Parent') ?? '';
  return { root, parent: /^[0-9a-f]{16}$/.test(parent) ? parent : undefined };
}

export function writeTraceHeader(root: string, parent: string, sampled: boolean): string {
  return `Root=${root};Parent=${parent};Sampled=${sampled ? 1 : 0}`;
}

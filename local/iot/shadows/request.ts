import { isArray, isObject, type Json, type JsonObject, member } from './json.ts';

/** Why the shadow service refuses; code and message as AWS documents them. */
export class ShadowRejection extends Error {
  override readonly name = 'ShadowRejection';
  readonly code: number;
  readonly clientToken: string | undefined;

  constructor(code: number, message: string, clientToken?: string) {
    super(message);
    this.code = code;
    this.clientToken = clientToken;
  }
}

export interface ShadowLimits {
  /** Bytes of a request. */
  readonly payloadBytes: number;
  /** Bytes of desired and reported after the merge, without metadata. */
  readonly stateBytes: number;
  /** Nested objects, the section itself being the first. AWS's pages name both 6 and 8. */
  readonly nesting: number;
  /** How long a deleted shadow's version is remembered, in ms. */
  readonly tombstoneLife: number;
}

export const defaultShadowLimits: ShadowLimits = {
  payloadBytes: 8 * 1024,
  stateBytes: 8 * 1024,
  nesting: 6,
  tombstoneLife: 48 * 3_600_000,
};

/** A section that the request does not mention is absent; null removes it. */
export interface UpdateRequest {
  /** Exactly as it was sent. */
  readonly state: JsonObject | null;
  readonly desired?: JsonObject | null;
  readonly reported?: JsonObject | null;
  readonly version: number | undefined;
  readonly clientToken: string | undefined;
}

export function parseUpdate(payload: Uint8Array, limits: ShadowLimits): UpdateRequest {
  const document = parseObject(payload, limits);
  const clientToken = parseClientToken(document);
  const refuse = (message: string) => new ShadowRejection(400, message, clientToken);
  const version = member(document, 'version');
  if (version !== undefined && !(typeof version === 'number' && Number.isSafeInteger(version) && version > 0)) {
    throw refuse('Invalid version');
  }
  const state = member(document, 'state');
  if (state === undefined) throw refuse('Missing required node: state');
  if (state === null) return { state, desired: null, reported: null, version, clientToken };
  if (!isObject(state)) throw refuse('State node must be an object');
  const stranger = Object.keys(state).find((key) => key !== 'desired' && key !== 'reported');
  if (stranger !== undefined) throw refuse(`State contains an invalid node: '${stranger}'`);
  return {
    state,
    ...parseSection('desired', 'Desired node must be an object', state, limits, refuse),
    ...parseSection('reported', 'Reported node must be an object', state, limits, refuse),
    version,
    clientToken,
  };
}

/** Get and delete carry nothing, or a client token. */
export function parseQuestion(payload: Uint8Array, limits: ShadowLimits): { readonly clientToken: string | undefined } {
  if (payload.byteLength === 0) return { clientToken: undefined };
  return { clientToken: parseClientToken(parseObject(payload, limits)) };
}

function parseObject(payload: Uint8Array, limits: ShadowLimits): JsonObject {
  if (payload.byteLength > limits.payloadBytes) throw tooLarge(undefined);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(payload);
  } catch {
    throw new ShadowRejection(415, 'Unsupported documented encoding; supported encoding is UTF-8');
  }
  let document: Json;
  try {
    document = JSON.parse(text);
  } catch {
    throw new ShadowRejection(400, 'Invalid JSON');
  }
  if (!isObject(document)) throw new ShadowRejection(400, 'Invalid JSON');
  return document;
}

function parseClientToken(document: JsonObject): string | undefined {
  const token = member(document, 'clientToken');
  if (token === undefined) return undefined;
  if (typeof token !== 'string' || Buffer.byteLength(token) > 64) throw new ShadowRejection(400, 'Invalid clientToken');
  return token;
}

function parseSection<Name extends 'desired' | 'reported'>(
  name: Name,
  notAnObject: string,
  state: JsonObject,
  limits: ShadowLimits,
  refuse: (message: string) => ShadowRejection,
): { readonly [key in Name]?: JsonObject | null } {
  const section = member(state, name);
  if (section === undefined) return {};
  if (section !== null) {
    if (!isObject(section)) throw refuse(notAnObject);
    checkNodes(name, section, limits.nesting, limits.nesting, refuse);
  }
  const parsed: { [key in 'desired' | 'reported']?: JsonObject | null } = { [name]: section };
  return parsed;
}

function checkNodes(
  name: string,
  value: Json,
  levels: number,
  nesting: number,
  refuse: (message: string) => ShadowRejection,
): void {
  // A number beyond JavaScript's would come out as null, which is no value of a shadow.
  if (typeof value === 'number' && !Number.isFinite(value)) throw refuse(`State contains an invalid node: '${name}'`);
  if (isArray(value)) {
    // A null in an array could not be told from a removal.
    if (value.includes(null)) throw refuse(`State contains an invalid node: '${name}'`);
    for (const item of value) checkNodes(name, item, levels, nesting, refuse);
  } else if (isObject(value)) {
    if (levels === 0) throw refuse(`JSON contains too many levels of nesting; maximum is ${nesting}`);
    for (const [key, inner] of Object.entries(value)) checkNodes(key, inner, levels - 1, nesting, refuse);
  }
}

export function tooLarge(clientToken: string | undefined): ShadowRejection {
  return new ShadowRejection(413, 'The payload exceeds the maximum size allowed', clientToken);
}

import type { HubError } from '../hub/hub-error.ts';
import type { Right } from '../hub/policies.ts';
import type { Load } from '../hub/throttle.ts';

export interface HubRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** What stands for `{…}` in the route's path, decoded. */
  readonly parameters: Readonly<Record<string, string>>;
}

export interface HubAnswer {
  readonly status: number;
  /** JSON; undefined: none. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Route {
  /** Names it in fault rules. */
  readonly operation: string;
  readonly method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  /** `/devices/{deviceId}` */
  readonly path: string;
  readonly right: Right;
  /** What it counts as where a hub does only so much. */
  readonly load?: Load;
  run(request: HubRequest): HubAnswer | Promise<HubAnswer>;
  /** Where the body of an error is not the usual one. */
  errorBody?(error: HubError): unknown;
}

/** Undefined: the path is another. */
export function parametersOf(pattern: string, path: string): Readonly<Record<string, string>> | undefined {
  const [wanted, given] = [pattern.split('/'), path.replace(/\/$/, '').split('/')];
  if (wanted.length !== given.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    const value = given[index] ?? '';
    if (name === undefined && part !== value) return undefined;
    if (name === undefined) continue;
    const decoded = decodedOrUndefined(value);
    if (!decoded) return undefined;
    parameters[name] = decoded;
  }
  return parameters;
}

function decodedOrUndefined(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

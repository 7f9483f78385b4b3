import { type PoolClient, secretMatches, type UserPools } from './user-pool.ts';
import type { WebRequest } from './web.ts';

/** The client that asks, if it proves itself: by its secret where it has one, by its id alone where it has none. */
export function provenClient(
  { headers }: Pick<WebRequest, 'headers'>,
  form: URLSearchParams,
  pools: UserPools,
): PoolClient | undefined {
  const presented = credentials(headers.authorization, form);
  const client = presented === undefined ? undefined : pools.findClient(presented.id);
  if (client === undefined || pools.findPool(client.poolId)?.domain === undefined) return undefined;
  if (client.clientSecret === undefined) return presented?.secret === undefined ? client : undefined;
  return secretMatches(client, presented?.secret ?? '') ? client : undefined;
}

/** RFC 6749, section 2.3.1: id and secret in the Basic header are form-encoded, or they stand in the body. */
function credentials(
  authorization: string | undefined,
  form: URLSearchParams,
): { id: string; secret: string | undefined } | undefined {
  if (authorization === undefined) {
    const id = form.get('client_id');
    return id === null ? undefined : { id, secret: form.get('client_secret') ?? undefined };
  }
  const [, encoded] = /^Basic +([A-Za-z0-9+/=_-]+)$/i.exec(authorization) ?? [];
  const pair = Buffer.from(encoded ?? '', 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  if (colon < 0) return undefined;
  try {
    return { id: decodeURIComponent(pair.slice(0, colon)), secret: decodeURIComponent(pair.slice(colon + 1)) };
  } catch {
    return undefined;
  }
}

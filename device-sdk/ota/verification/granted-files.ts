import { RefusedUpdate } from '#shared/ota/uptane/attack.ts';
import type { FileSource } from '#shared/ota/uptane/file-source.ts';
import type { DownloadGrant } from '#shared/vehicle-cloud/update-envelopes.ts';
import { type Host, reasonOf } from '../../host.ts';
import { type MinimumPace, minimumPace, RetrievalPace } from './retrieval-pace.ts';

/** The network, as far as it is needed here: `globalThis.fetch`. */
export type Fetch = (url: string, init: { readonly signal: AbortSignal }) => Promise<FetchAnswer>;

interface FetchAnswer {
  readonly status: number;
  readonly body: AsyncIterable<Uint8Array> | null;
}

/** The network's fault, not an attack: worth another attempt. */
export class RetrievalFailed extends Error {
  override readonly name = 'RetrievalFailed';
}

/** The Image repository's metadata behind a grant, with capped lengths and a minimum pace. */
export function grantedFiles(
  grant: DownloadGrant,
  fetch: Fetch,
  host: Pick<Host, 'monotonic' | 'after'>,
  pace: MinimumPace = minimumPace,
): FileSource {
  return {
    async read(name, limit) {
      const stop = new AbortController();
      const watch = new RetrievalPace(host.monotonic(), pace);
      // Nothing at all may come, too: then nobody asks how much it was.
      const silence = { cancel: () => {} };
      const listen = () => {
        silence.cancel();
        silence.cancel = host.after(pace.windowMs, () => {
          stop.abort(new RefusedUpdate('slow-retrieval', `nothing of ${name} came for ${pace.windowMs} ms`));
        });
      };
      listen();
      try {
        const answer = await fetch(addressOf(grant, name), { signal: stop.signal });
        if (isMissing(name, answer.status)) return undefined;
        if (answer.status !== 200) throw new RetrievalFailed(`${name} was answered with ${answer.status}`);
        return await collected(name, answer.body ?? empty(), limit, (bytes) => {
          watch.arrived(bytes, host.monotonic());
          listen();
        });
      } catch (error) {
        if (stop.signal.aborted) throw stop.signal.reason;
        if (error instanceof RefusedUpdate || error instanceof RetrievalFailed) throw error;
        throw new RetrievalFailed(`${name}: ${reasonOf(error)}`, { cause: error });
      } finally {
        silence.cancel();
        // An answer that is left half read holds its connection.
        stop.abort();
      }
    },
  };
}

/**
 * A store that lists nothing answers 403 for what is not there, and so does one whose grant has ended. The next Root is
 * missing more often than not; anything else is asked for again, with another grant.
 */
function isMissing(name: string, status: number): boolean {
  return status === 404 || (status === 403 && /^\d+\.root\.json$/.test(name));
}

function addressOf({ baseUrl, query }: DownloadGrant, name: string): string {
  return query === '' ? `${baseUrl}${name}` : `${baseUrl}${name}?${query}`;
}

async function collected(
  name: string,
  body: AsyncIterable<Uint8Array>,
  limit: number,
  arrived: (bytes: number) => void,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > limit) throw new RefusedUpdate('endless-data', `${name} has more than ${limit} bytes`);
    chunks.push(chunk);
    arrived(chunk.length);
  }
  return Buffer.concat(chunks);
}

async function* empty(): AsyncGenerator<Uint8Array> {}

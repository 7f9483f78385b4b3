import { readFileSync } from 'node:fs';
import { globalAgent } from 'node:https';
import { thisHost } from '#device-sdk/host.ts';
import { ImageStore } from '#device-sdk/ota/download/image-store.ts';
import { overHttp } from '#device-sdk/ota/download/range-request.ts';
import type { VerifiedImage } from '#device-sdk/ota/verification/verified-update.ts';
import type { DownloadGrant } from '#shared/vehicle-cloud/update-envelopes.ts';

/** What `downloadFigures` asks of the agent's download in a process of its own. */
export interface DownloadOrder {
  readonly directory: string;
  readonly caFile: string;
  readonly grant: DownloadGrant;
  /** A small one first: whatever is loaded and opened once is there before memory is looked at. */
  readonly images: readonly VerifiedImage[];
}

export interface DownloadReport {
  /** Bytes resident, the most beyond what was there before the last image. */
  readonly added: number;
  /** ms of the last image. */
  readonly took: number;
}

// The address is signed for the edge's own name, so the name leads to the line that counts.
const [, , lineAddress = ''] = process.argv;
globalAgent.options.lookup = (_, options, heard) => {
  if (options.all === true) heard(null, [{ address: lineAddress, family: 4 }]);
  else heard(null, lineAddress, 4);
};

const resident = () => Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024;

async function main({ directory, caFile, grant, images }: DownloadOrder): Promise<DownloadReport> {
  const store = new ImageStore(directory, () => {});
  const parts = {
    request: overHttp({ caFile }),
    grant: async () => grant,
    host: thisHost,
    log: () => {},
    random: () => 0,
  };
  let report = { added: 0, took: 0 };
  for (const image of images) {
    const before = resident();
    let most = before;
    const watch = setInterval(() => {
      most = Math.max(most, resident());
    }, 20);
    const begun = performance.now();
    await store.fetch(image, undefined, parts, new AbortController().signal);
    clearInterval(watch);
    report = { added: most - before, took: performance.now() - begun };
  }
  return report;
}

process.once('message', (order: DownloadOrder) => {
  void main(order).then((report) => process.send?.(report, () => process.exit()));
});

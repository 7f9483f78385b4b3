/**
 * Downloads a file in a process of its own and says what that cost: `{ added: <bytes of memory>, requests }`.
 * Usage: base URL, path, length, SHA-256, file to write.
 */
import { readFileSync } from 'node:fs';
import { thisHost } from '#device-sdk/host.ts';
import { download } from '#device-sdk/ota/download/download.ts';
import { overHttp } from '#device-sdk/ota/download/range-request.ts';

const [, , baseUrl = '', path = '', length = '0', sha256 = '', file = ''] = process.argv;
const resident = () => Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024;

const before = resident();
let most = before;
const watch = setInterval(() => {
  most = Math.max(most, resident());
}, 20);
await download(
  { path, length: Number(length), hashes: { sha256 } },
  file,
  {
    request: overHttp(),
    grant: async () => ({ baseUrl, query: '', expiresAt: Date.now() + 3_600_000 }),
    host: { monotonic: () => performance.now(), after: (ms, fire) => thisHost.after(ms >= 30_000 ? ms : 0, fire) },
    log: () => {},
  },
  new AbortController().signal,
);
clearInterval(watch);
process.stdout.write(JSON.stringify({ added: most - before }));

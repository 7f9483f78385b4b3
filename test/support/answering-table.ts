import { once } from 'node:events';
import { createServer } from 'node:http';
import { vi } from 'vitest';
import { afterThisTest } from './tidying.ts';

/** A table that gives these answers, one after the other, and the last one for ever. */
export async function tableThatAnswers(...answers: readonly (readonly [status: number, body: object] | undefined)[]) {
  const asked: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    const answer = answers[Math.min(asked.length, answers.length - 1)];
    asked.push(/\.(\w+)$/.exec(String(request.headers['x-amz-target']))?.[1]);
    if (answer === undefined) return;
    const [status, body] = answer;
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body));
  });
  afterThisTest(() => {
    vi.unstubAllEnvs();
    server.closeAllConnections();
    server.close();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${port}`);
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  return asked;
}

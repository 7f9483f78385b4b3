import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { listenOnLoopback } from '#local/loopback.ts';

export interface Heard {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly at: number;
  readonly answered: number | 'nothing';
}

export interface Receiver {
  readonly url: string;
  readonly heard: readonly Heard[];
  /** What it answers from now on. */
  answers: number | 'nothing';
  close(): void;
}

/** A partner's own server, which writes down what it gets. */
export async function openReceiver(): Promise<Receiver> {
  const heard: Heard[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { headers } = request;
      const answered = receiver.answers;
      heard.push({ headers, body: Buffer.concat(chunks).toString('utf8'), at: Date.now(), answered });
      if (answered !== 'nothing') response.writeHead(answered).end();
    });
  });
  const port = await listenOnLoopback(server, 0);
  const receiver: Receiver = {
    ...{ url: `http://127.0.0.1:${port}/hook`, heard, answers: 204 },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
  return receiver;
}

/** Which of a message's signatures a secret makes, as a receiver finds out that knows Standard Webhooks and nothing of us. */
export function signedBy(secretText: string, { headers, body }: Heard): readonly boolean[] {
  const secret = Buffer.from(secretText.replace(/^whsec_/, ''), 'base64');
  const text = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  const right = `v1,${createHmac('sha256', secret).update(text).digest('base64')}`;
  return String(headers['webhook-signature'])
    .split(' ')
    .map((signature) => signature === right);
}

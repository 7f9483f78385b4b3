import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { listenOnLoopback } from '#local/loopback.ts';

/** A status; `nothing`: it hangs; `cut`: it takes the message, and the line breaks before it has said so. */
export type ReceiverAnswer = number | 'nothing' | 'cut';

export interface Heard {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** ms since the Unix epoch. */
  readonly at: number;
  readonly answered: ReceiverAnswer;
}

export interface Receiver {
  readonly url: string;
  readonly heard: readonly Heard[];
  /** What it answers from now on. */
  answers: ReceiverAnswer;
  close(): void;
}

/** A partner's own server on this machine, which writes down what it gets. @param now by its clock */
export async function openReceiver(now: () => number = Date.now): Promise<Receiver> {
  const heard: Heard[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { headers } = request;
      const answered = receiver.answers;
      heard.push({ headers, body: Buffer.concat(chunks).toString('utf8'), at: now(), answered });
      if (answered === 'cut') request.socket.destroy();
      else if (answered !== 'nothing') response.writeHead(answered).end();
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
export function signedBy(secretText: string, { headers, body }: Pick<Heard, 'headers' | 'body'>): readonly boolean[] {
  const secret = Buffer.from(secretText.replace(/^whsec_/, ''), 'base64');
  const text = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  const right = `v1,${createHmac('sha256', secret).update(text).digest('base64')}`;
  return String(headers['webhook-signature'])
    .split(' ')
    .map((signature) => signature === right);
}

/** As Standard Webhooks' libraries tolerate. */
const tolerance = 5 * 60_000;

/** Whether it was said by who has the secret, and just now: a message that somebody sends again is no news. */
export function isGenuine(secretText: string, message: Heard): boolean {
  const saidAt = Number(message.headers['webhook-timestamp']) * 1000;
  return Math.abs(message.at - saidAt) <= tolerance && signedBy(secretText, message).includes(true);
}

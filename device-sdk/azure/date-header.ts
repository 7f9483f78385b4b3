import { request } from 'node:https';

export interface HttpsPlace {
  readonly host: string;
  readonly port: number;
  /** The name that the certificate has to have. */
  readonly servername: string;
  /** PEM of the authority; default: the system's trust store. */
  readonly ca?: string | undefined;
}

/** Milliseconds that the answer may take. */
const patience = 3000;

/**
 * The time that a server says in the `Date` header of its answer, in seconds since the Unix epoch: whole ones, cut.
 * Whatever the answer is, refusals too; only that it is this server's matters, and TLS proves that.
 */
export function dateOf({ host, port, servername, ca }: HttpsPlace): Promise<number> {
  return new Promise((resolve, reject) => {
    const options = { host, port, servername, ca, headers: { host: servername }, agent: false, timeout: patience };
    const asked = request({ ...options, path: '/' }, (answer) => {
      const date = Date.parse(answer.headers.date ?? '');
      asked.destroy();
      if (Number.isNaN(date)) reject(new Error(`${servername} does not say the time`));
      else resolve(date / 1000);
    });
    const timer = setTimeout(() => asked.destroy(new Error(`${servername} does not answer`)), patience);
    asked.once('error', reject).once('close', () => clearTimeout(timer));
    asked.end();
  });
}

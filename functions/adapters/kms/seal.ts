import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { KmsRootSecret } from './root-secret.ts';

const [algorithm, ivBytes, tagBytes] = ['aes-256-gcm', 12, 16] as const;

/** AES-256-GCM under a root secret. Who reads the table reads nothing, and what is sealed for one owner opens for no other. */
export class Seal {
  readonly #root: Pick<KmsRootSecret, 'get'>;

  constructor(root: Pick<KmsRootSecret, 'get'>) {
    this.#root = root;
  }

  async seal(text: string, owner: string): Promise<string> {
    const iv = randomBytes(ivBytes);
    const sealing = createCipheriv(algorithm, await this.#root.get(), iv).setAAD(Buffer.from(owner));
    const sealed = Buffer.concat([sealing.update(text, 'utf8'), sealing.final()]);
    return Buffer.concat([iv, sealing.getAuthTag(), sealed]).toString('base64url');
  }

  async open(sealed: string, owner: string): Promise<string> {
    const bytes = Buffer.from(sealed, 'base64url');
    const [iv, tag] = [bytes.subarray(0, ivBytes), bytes.subarray(ivBytes, ivBytes + tagBytes)];
    const opening = createDecipheriv(algorithm, await this.#root.get(), iv)
      .setAAD(Buffer.from(owner))
      .setAuthTag(tag);
    return Buffer.concat([opening.update(bytes.subarray(ivBytes + tagBytes)), opening.final()]).toString('utf8');
  }
}

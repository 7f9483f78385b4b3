import { createHmac, randomBytes } from 'node:crypto';
import type { WebRequest } from '../web.ts';
import { same } from '../web.ts';

/**
 * Binds a form to the browser it was shown in: the browser keeps a random value, the form carries that value signed by
 * the server. Whoever plants a cookie of their own choice cannot sign it.
 */
export class FormKeys {
  readonly #secret: string;
  readonly #origins: () => readonly string[];

  /** @param origins under which the pages are served */
  constructor(secret: string, origins: () => readonly string[]) {
    this.#secret = secret;
    this.#origins = origins;
  }

  /** The value that this browser goes on keeping; a new one instead of what nobody here made. */
  kept(value: string | undefined): string {
    if (value !== undefined && this.#isOurs(value)) return value;
    const made = randomBytes(24).toString('base64url');
    return `${made}.${this.#signed('kept', made)}`;
  }

  /** What belongs into the form. */
  of(kept: string): string {
    return this.#signed('form', kept);
  }

  fits(shown: string, kept: string | undefined): boolean {
    return kept !== undefined && this.#isOurs(kept) && same(this.of(kept), shown);
  }

  /** Browsers say where a form comes from; who says nothing is no browser of today and has the form's key to show. */
  fromOwnPage(headers: WebRequest['headers']): boolean {
    const site = headers['sec-fetch-site'];
    if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
    return headers.origin === undefined || this.#origins().includes(headers.origin);
  }

  #isOurs(value: string): boolean {
    const [made = '', signature = ''] = value.split('.');
    return same(this.#signed('kept', made), signature);
  }

  #signed(purpose: 'kept' | 'form', value: string): string {
    return createHmac('sha256', this.#secret).update(`${purpose}:${value}`).digest('base64url');
  }
}

import type { EventContext, Sender } from 'rhea';
import type { LocalIotHub } from '#local/azure/hub/hub.ts';
import { HubError } from '#local/azure/hub/hub-error.ts';
import type { Right } from '#local/azure/hub/policies.ts';
import { authorize, type VerifyBearer } from '#local/azure/rest/authorization.ts';
import { isExpired, isSignedBy, parseSas } from '#local/azure/sas.ts';

export interface TokensOptions {
  readonly hub: LocalIotHub;
  readonly verifyBearer: VerifyBearer;
  readonly log: (line: string) => void;
}

/** AMQP claims-based security: a client puts its token at `$cbs`, and may then do what the token is good for. */
export class Tokens {
  readonly #options: TokensOptions;
  /** The newest one; clients renew it before it expires. */
  #token: string | undefined;
  #services = false;
  #reader = false;
  #answers: Sender | undefined;

  constructor(options: TokensOptions) {
    this.#options = options;
  }

  /** Whether the token was one of a service when it was put. */
  get ofService(): boolean {
    return this.#services;
  }

  /** Whether it may read events. */
  get ofReader(): boolean {
    return this.#reader;
  }

  /** Over this link the client hears whether its token is good. */
  answerBy(sender: Sender): void {
    this.#answers = sender;
  }

  async put({ message, delivery }: EventContext): Promise<void> {
    const token: unknown = message?.body;
    const operation: unknown = message?.application_properties?.['operation'];
    const good = operation === 'put-token' && typeof token === 'string' && (await this.#isGood(token));
    if (good) this.#token = token;
    const reads = typeof token === 'string' && this.#reads(token);
    this.#reader ||= reads;
    this.#services = await this.allow();
    delivery?.accept();
    const { message_id: id } = message ?? {};
    this.#answers?.send(answer(good || reads, typeof id === 'string' ? id : undefined));
  }

  /** Whether a service may still go on: tokens expire while connections last. */
  async allow(): Promise<boolean> {
    return this.#token !== undefined && this.#allows(this.#token, 'ServiceConnect');
  }

  /** Of any use at all. */
  async #isGood(token: string): Promise<boolean> {
    const rights: readonly Right[] = ['ServiceConnect', 'RegistryRead', 'DeviceConnect'];
    for (const right of rights) if (await this.#allows(token, right)) return true;
    return false;
  }

  /** Clients of Event Hubs sign for `sb://…/<name>/…`, and take the key as text. */
  #reads(token: string): boolean {
    const { policies, hostName } = this.#options.hub;
    const sas = parseSas(token);
    const policy = sas?.policy === undefined ? undefined : policies.get(sas.policy);
    if (sas === undefined || policy === undefined || !policy.rights.includes('ServiceConnect')) return false;
    const [, entity] = /^(?:sb|amqps?):\/\/[^/]+\/([^/]+)/i.exec(sas.resource) ?? [];
    const keys = [policy.primaryKey, policy.secondaryKey].map((key) => Buffer.from(key).toString('base64'));
    return entity === hostName.split('.')[0] && !isExpired(sas) && isSignedBy(sas, keys);
  }

  async #allows(token: string, right: Right): Promise<boolean> {
    const { hub, verifyBearer } = this.#options;
    const { policies, hostNames } = hub;
    try {
      await authorize({ policies, hostNames, verifyBearer }, token, '/messages', right);
      return true;
    } catch (error) {
      if (error instanceof HubError) return false;
      throw error;
    }
  }
}

function answer(good: boolean, correlation: string | undefined) {
  const [code, description] = good ? [200, 'OK'] : [401, 'Unauthorized'];
  return {
    ...(correlation !== undefined && { correlation_id: correlation }),
    application_properties: { 'status-code': code, 'status-description': description },
    body: '',
  };
}

import { z } from 'zod';
import type { LocalClock } from '#local/clock.ts';
import type { LambdaInvoker } from '#local/lambda/invoker.ts';
import type { State } from '#local/state/collection.ts';
import type { Authority } from '../authority/authority.ts';
import type { ClientConnection } from '../broker/connection.ts';
import type { ReservedTopics } from '../broker/core.ts';
import type { Message } from '../broker/message.ts';
import type { Registry } from '../registry/registry.ts';
import { askHook } from './hook.ts';
import { OwnershipTokens } from './ownership-tokens.ts';
import type { ProvisioningTemplate, ProvisioningTemplates } from './provisioning-templates.ts';
import { stepsOf } from './registration.ts';
import { ProvisioningRejection, rejectionInCbor, rejectionMessage } from './rejection.ts';
import type { Roles } from './roles.ts';

export interface ProvisioningOptions {
  readonly registry: Registry;
  readonly authority: Pick<Authority, 'signCsr' | 'createKeysAndCertificate'>;
  readonly templates: ProvisioningTemplates;
  readonly roles: Roles;
  readonly lambda: LambdaInvoker;
  readonly state: State;
  readonly clock: LocalClock;
  readonly log: (line: string) => void;
  /** The broker's `sendTo`: nobody but the device that asked sees an answer, which may hold its key. */
  readonly sendTo: (connection: ClientConnection, topic: string, payload: Buffer) => unknown;
  readonly newToken?: () => string;
}

const creationTopic = /^\$aws\/certificates\/(create|create-from-csr)\/(json|cbor)$/;
const provisionTopic = /^\$aws\/provisioning-templates\/([A-Za-z0-9_-]{1,36})\/provision\/(json|cbor)$/;

const csrRequest = z.object({ certificateSigningRequest: z.string().min(1) });
const provisionRequest = z.object({
  certificateOwnershipToken: z.string().default(''),
  parameters: z.record(z.string(), z.string()).default({}),
});

/** Fleet provisioning by claim: a certificate for a key made on board, then a thing for the certificate. */
export class ProvisioningService implements ReservedTopics {
  readonly #options: ProvisioningOptions;
  readonly #tokens: OwnershipTokens;
  /** Tokens that are being used: a message that came twice must not be provisioned twice. */
  readonly #inUse = new Set<string>();

  constructor(options: ProvisioningOptions) {
    this.#options = options;
    const { certificates } = options.registry;
    this.#tokens = new OwnershipTokens({
      ...options,
      onExpired(certificateId) {
        if (certificates.find(certificateId)?.status === 'PENDING_ACTIVATION') certificates.delete(certificateId, true);
      },
    });
  }

  handles(topic: string): boolean {
    return creationTopic.test(topic) || provisionTopic.test(topic);
  }

  /** Answers later: a hook takes its time, and the device's PUBACK must not wait for it. */
  handle(message: Pick<Message, 'topic' | 'payload'>, connection: ClientConnection | undefined): void {
    if (connection === undefined) {
      this.#options.log(`${message.topic} came without a connection that could be answered`);
      return;
    }
    this.#serve(message, connection).catch((error: unknown) => {
      this.#options.log(`provisioning of ${connection.clientId} could not be answered: ${String(error)}`);
    });
  }

  async #serve({ topic, payload }: Pick<Message, 'topic' | 'payload'>, connection: ClientConnection): Promise<void> {
    const { log, sendTo } = this.#options;
    const cbor = topic.endsWith('/cbor');
    try {
      if (cbor) throw new ProvisioningRejection(400, 'InvalidRequest', 'The local cloud speaks JSON only: use …/json.');
      const accepted = await this.#answer(topic, payload, connection);
      if (accepted !== undefined) sendTo(connection, `${topic}/accepted`, Buffer.from(JSON.stringify(accepted)));
    } catch (error) {
      const rejection = rejectionMessage(error);
      log(
        `provisioning: ${connection.clientId} on ${topic}: ${error instanceof Error ? error.message : String(error)}`,
      );
      sendTo(
        connection,
        `${topic}/rejected`,
        cbor ? rejectionInCbor(rejection) : Buffer.from(JSON.stringify(rejection)),
      );
    }
  }

  #answer(topic: string, payload: Buffer, connection: ClientConnection): Promise<object | undefined> {
    const templateName = provisionTopic.exec(topic)?.[1];
    if (templateName !== undefined) return this.#provision(templateName, payload, connection);
    return creationTopic.exec(topic)?.[1] === 'create'
      ? this.#createKeys(payload, connection)
      : this.#createFromCsr(payload, connection);
  }

  async #createKeys(payload: Buffer, connection: ClientConnection): Promise<object> {
    if (payload.byteLength > 0) parse(payload, z.object({}), 'InvalidParameters');
    const { certificatePem, privateKeyPem } = await this.#options.authority.createKeysAndCertificate();
    return { ...this.#registered(certificatePem, connection), privateKey: privateKeyPem };
  }

  async #createFromCsr(payload: Buffer, connection: ClientConnection): Promise<object> {
    const { certificateSigningRequest } = parse(payload, csrRequest, 'InvalidCSR');
    let certificatePem: string;
    try {
      ({ certificatePem } = await this.#options.authority.signCsr(certificateSigningRequest));
    } catch (error) {
      throw new ProvisioningRejection(400, 'InvalidCSR', error instanceof Error ? error.message : String(error));
    }
    return this.#registered(certificatePem, connection);
  }

  #registered(certificatePem: string, { principalId: claimCertificateId, clientId }: ClientConnection) {
    const { certificateId } = this.#options.registry.certificates.register(certificatePem, 'PENDING_ACTIVATION');
    const certificateOwnershipToken = this.#tokens.issue({ certificateId, claimCertificateId, clientId });
    return { certificateId, certificatePem, certificateOwnershipToken };
  }

  /** Undefined: the same request is being answered already. */
  async #provision(templateName: string, payload: Buffer, from: ClientConnection): Promise<object | undefined> {
    const template = this.#options.templates.find(templateName);
    if (template?.enabled !== true) {
      throw new ProvisioningRejection(404, 'ResourceNotFound', `There is no enabled template ${templateName}.`);
    }
    const { certificateOwnershipToken: token, parameters } = parse(payload, provisionRequest, 'InvalidParameters');
    if (token === '') {
      throw invalidToken('Certificate ownership token cannot be empty.');
    }
    const held = this.#tokens.find(token, from.principalId, from.clientId);
    if (held === undefined) throw invalidToken('Certificate ownership token is not valid.');
    if (this.#inUse.has(token)) return undefined;
    this.#inUse.add(token);
    try {
      return await this.#register(template, held.certificateId, token, parameters, from);
    } finally {
      this.#inUse.delete(token);
    }
  }

  async #register(
    template: ProvisioningTemplate,
    certificateId: string,
    token: string,
    parameters: Readonly<Record<string, string>>,
    { principalId: claimCertificateId, clientId }: ClientConnection,
  ): Promise<object> {
    const { registry, roles } = this.#options;
    const templateArn = registry.arns.provisioningTemplate(template.templateName);
    const { certificatePem } = registry.certificates.get(certificateId);
    const request = { claimCertificateId, certificateId, certificatePem, templateArn, clientId, parameters };
    const admitted =
      template.hookArn === undefined ? parameters : await askHook(request, template.hookArn, this.#options);
    const plan = template.compiled.plan(admitted, certificateId);
    const steps = stepsOf(registry, plan, certificateId);
    const role = roles.assume(template.provisioningRoleArn, 'iot.amazonaws.com', { 'aws:SourceArn': templateArn });
    // Everything is asked before the first change, so that a missing grant leaves nothing half made.
    roles.authorize(
      role,
      steps.flatMap((step) => step.permissions),
    );
    for (const step of steps) step.run();
    this.#tokens.spend(token);
    const { thing, deviceConfiguration } = plan;
    return { deviceConfiguration, ...(thing === undefined ? {} : { thingName: thing.thingName }) };
  }
}

function invalidToken(message: string): ProvisioningRejection {
  return new ProvisioningRejection(400, 'InvalidCertificateOwnershipToken', message);
}

function parse<T>(payload: Buffer, schema: z.ZodType<T>, errorCode: string): T {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch {
    throw new ProvisioningRejection(400, errorCode, 'The payload is not JSON in UTF-8.');
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw new ProvisioningRejection(400, errorCode, z.prettifyError(parsed.error));
  return parsed.data;
}

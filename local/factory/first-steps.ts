import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { certificateRequest, newDeviceKey } from '#device-sdk/certificate-request.ts';
import type { CloudFile, MachineClient } from '#local/cloud-file.ts';
import type { EngineClient } from '#local/dynamo/engine-client.ts';
import type { IdentityServer } from '#local/identity/identity-server.ts';
import type { IotCore } from '#local/iot/iot-core.ts';
import type { SigningKeys } from '#local/kms/signing-keys.ts';
import type { Execution } from '#local/template/executor.ts';
import type { TemplateParameters } from '#local/template/template-parameters.ts';
import { roles } from '#shared/access/roles.ts';

/**
 * What an operator says while they deploy (docs/deploy.md): CloudFront wants the public half of the key that signs
 * download addresses, which KMS makes in the stack before; the platform wants those by which other homes sign, and where
 * the public reads its feeds.
 */
export function deployersAnswers(keys: SigningKeys, eventKeys: string, feedsUrl: string): TemplateParameters {
  return {
    FeedsUrl: () => feedsUrl,
    DeviceEventKeys: () => eventKeys,
    DownloadPublicKey(made) {
      const keyId = [...made.values()].map((outputs) => outputs['DownloadKeyId']).find((id) => id !== undefined);
      const key = keyId === undefined ? undefined : keys.find(keyId);
      if (key === undefined) throw new Error('No stack before has an output "DownloadKeyId" that names a key.');
      return key.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    },
  };
}

/**
 * What an operator does by hand after `cdk deploy` (docs/deploy.md): a claim certificate for the factory,
 * and the brands and the quota of each machine client.
 */

/** The claim certificate of this state directory; made when there is none that still works. */
export async function claimCertificate(
  directory: string,
  { authority, registry }: Pick<IotCore, 'authority' | 'registry'>,
  execution: Execution,
): Promise<CloudFile['claim']> {
  const certificateFile = join(directory, 'certificate.pem');
  const privateKeyFile = join(directory, 'private-key.pem');
  const templateName = output(execution, 'ProvisioningTemplateName');
  const claim = { certificateFile, privateKeyFile, templateName };
  const known = existsSync(certificateFile) ? readFileSync(join(directory, 'certificate-id'), 'utf8') : undefined;
  const policyName = output(execution, 'ClaimPolicyName');
  if (known !== undefined && registry.certificates.find(known)?.status === 'ACTIVE') {
    registry.policies.attach(policyName, registry.arns.certificate(known));
    return claim;
  }
  const privateKeyPem = newDeviceKey();
  const { certificatePem, certificateId } = await authority.signCsr(
    certificateRequest(privateKeyPem, 'fleetloom-claim'),
  );
  registry.certificates.register(certificatePem, 'ACTIVE');
  registry.policies.attach(policyName, registry.arns.certificate(certificateId));
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  writeFileSync(privateKeyFile, privateKeyPem, { mode: 0o600 });
  writeFileSync(join(directory, 'certificate-id'), certificateId);
  writeFileSync(certificateFile, certificatePem);
  return claim;
}

/** Puts each client's brands and quota into the Access table, and says who the clients are. */
export async function machineClients(
  identity: IdentityServer,
  tables: EngineClient,
  execution: Execution,
): Promise<MachineClient[]> {
  const table = output(execution, 'AccessTableName');
  const clients = identity.clients().map((client) => ({
    ...client,
    brands: roles.find(({ name }) => name === client.name)?.brands ?? [],
  }));
  for (const { clientId, name, brands } of clients) {
    const item = (sk: string, content: object) => ({ pk: { S: `client#${clientId}` }, sk: { S: sk }, ...content });
    await putNew(tables, table, item('brands', { brands: { L: brands.map((S) => ({ S })) } }));
    const quota = roles.find((role) => role.name === name)?.quota;
    if (quota === undefined) continue;
    await putNew(tables, table, item('quota', { rate: { N: String(quota.rate) }, burst: { N: String(quota.burst) } }));
  }
  return clients;
}

async function putNew(tables: EngineClient, table: string, item: object): Promise<void> {
  try {
    await tables.call('PutItem', { TableName: table, Item: item, ConditionExpression: 'attribute_not_exists(pk)' });
  } catch (error) {
    // What somebody wrote there on purpose stays.
    if (!(error instanceof Error && error.name === 'ConditionalCheckFailedException')) throw error;
  }
}

/** The value of a stack's output. */
export function output(execution: Execution, name: string): string {
  for (const outputs of execution.stacks.values()) {
    const value = outputs[name];
    if (value !== undefined) return value;
  }
  throw new Error(`No stack has an output "${name}".`);
}

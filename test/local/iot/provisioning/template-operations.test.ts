import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateProvisioningTemplateCommand,
  DeleteProvisioningTemplateCommand,
  DescribeProvisioningTemplateCommand,
  IoTClient,
  ListProvisioningTemplatesCommand,
} from '@aws-sdk/client-iot';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '#local/clock.ts';
import { noFaults } from '#local/faults/faults.ts';
import { Gateway } from '#local/gateway/gateway.ts';
import { Iam } from '#local/iam/iam.ts';
import { openAuthority } from '#local/iot/authority/authority.ts';
import { ProvisioningTemplates, provisioningTemplateRoutes } from '#local/iot/provisioning/provisioning-templates.ts';
import { iotArns } from '#local/iot/registry/arns.ts';
import { iotControlPlane } from '#local/iot/registry/control-plane.ts';
import { Registry } from '#local/iot/registry/registry.ts';
import { State } from '#local/state/collection.ts';

const accountId = '000000000000';
const region = 'eu-central-1';
const arns = iotArns(region, accountId);
const provisioningRoleArn = `arn:aws:iam::${accountId}:role/provisioner`;
const templateBody = JSON.stringify({
  Parameters: { SerialNumber: { Type: 'String' }, 'AWS::IoT::Certificate::Id': { Type: 'String' } },
  Resources: {
    thing: { Type: 'AWS::IoT::Thing', Properties: { ThingName: { Ref: 'SerialNumber' } } },
    certificate: {
      Type: 'AWS::IoT::Certificate',
      Properties: { CertificateId: { Ref: 'AWS::IoT::Certificate::Id' }, Status: 'Active' },
    },
  },
});
let directory: string;
let state: State;
let gateway: Gateway;
let templates: ProvisioningTemplates;
let iot: IoTClient;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'templates-'));
  state = new State(directory);
  const iam = new Iam({ accountId, state, clock: systemClock });
  const trustPolicy = {
    Statement: [{ Effect: 'Allow', Principal: { Service: 'iot.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  };
  iam.putRole({ roleName: 'provisioner', arn: provisioningRoleArn, trustPolicy, tags: {} });
  templates = new ProvisioningTemplates(state.collection('iot/provisioning-templates'));
  const authority = await openAuthority(join(directory, 'authority'));
  const routes = provisioningTemplateRoutes({ templates, arns, roles: iam, clock: systemClock });
  const registry = new Registry({ state, arns });
  gateway = new Gateway({ port: 0, access: iam, faults: noFaults, log: () => {} });
  gateway.add(iotControlPlane({ registry, authority, accountId, endpoint: () => 'localhost', routes }));
  await gateway.listen();
  const { accessKeyId, secretAccessKey } = iam.administratorKey;
  iot = new IoTClient({ region, endpoint: gateway.endpoint, credentials: { accessKeyId, secretAccessKey } });
});

afterAll(async () => {
  iot.destroy();
  await gateway.close();
  state.close();
  rmSync(directory, { recursive: true });
});

const wished = { templateName: 'own', templateBody, provisioningRoleArn, enabled: true };

test('a provisioning template that a caller makes is there, also at the next start, until it is deleted', async () => {
  const made = await iot.send(new CreateProvisioningTemplateCommand(wished));
  expect(made).toMatchObject({
    templateName: 'own',
    defaultVersionId: 1,
    templateArn: arns.provisioningTemplate('own'),
  });
  expect(await iot.send(new DescribeProvisioningTemplateCommand({ templateName: 'own' }))).toMatchObject(wished);

  const nextStart = new ProvisioningTemplates(state.collection('iot/provisioning-templates'));
  expect(nextStart.find('own')).toMatchObject(wished);

  await iot.send(new DeleteProvisioningTemplateCommand({ templateName: 'own' }));
  expect((await iot.send(new ListProvisioningTemplatesCommand({}))).templates).toEqual([]);
  const gone = iot.send(new DeleteProvisioningTemplateCommand({ templateName: 'own' }));
  await expect(gone).rejects.toThrow('The provisioning template own does not exist.');
});

test('one that is there already, makes no sense or names a role that does not trust AWS IoT is refused', async () => {
  await iot.send(new CreateProvisioningTemplateCommand({ ...wished, templateName: 'taken' }));
  const refused = async (more: Partial<typeof wished>) =>
    await iot.send(new CreateProvisioningTemplateCommand({ ...wished, ...more })).then(
      () => 'made',
      (error: Error) => error.name,
    );

  expect(await refused({ templateName: 'taken' })).toBe('ResourceAlreadyExistsException');
  expect(await refused({ templateBody: '{"Resources":{"x":{"Type":"AWS::S3::Bucket"}}}' })).toBe(
    'InvalidRequestException',
  );
  expect(await refused({ templateName: 'with blanks' })).toBe('InvalidRequestException');
  expect(await refused({ provisioningRoleArn: `arn:aws:iam::${accountId}:role/nobody` })).toBe('AccessDeniedException');
  expect(templates.find('own')).toBeUndefined();
});

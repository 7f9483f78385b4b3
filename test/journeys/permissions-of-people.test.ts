import { beforeAll, describe, test } from 'vitest';
import { cloudAssembly } from '#local/assembly.ts';
import { certificateSteps } from '#local/tour/chapters/certificates.ts';
import { erasureSteps, firstSweep } from '#local/tour/chapters/erasure.ts';
import { peopleSteps } from '#local/tour/chapters/people.ts';
import { onTheRoad } from '#local/tour/chapters/provisioning.ts';
import { transferSteps } from '#local/tour/chapters/transfers.ts';
import { golf } from '#local/tour/chapters/vehicles.ts';
import type { Step } from '#local/tour/journey.ts';
import { at, check } from '#local/tour/telling.ts';
import { failing, type Loss, stepOf } from '../support/denied-step.ts';
import { startTimeout } from '../support/journey-cloud.ts';
import { withoutAction, withoutResource } from '../support/other-assembly.ts';
import { Transfers } from '../support/transfers.ts';

const claim = stepOf(peopleSteps, 'Who reads the code');
const giveUp = stepOf(peopleSteps, 'A car that is given up');
const rotate = stepOf(certificateSteps, 'A vehicle changes its certificate');
const bringIn = stepOf(transferSteps, 'An operator brings in');
const leave = stepOf(erasureSteps, 'A person has their data erased');

const look: Step = {
  title: 'A person sees their cars',
  async run(journey) {
    const seen = await journey.person('driver').get('/v1/me/vehicles');
    check(seen.status === 200, 'the cars of a person', seen);
  },
};

const takeOut: Step = {
  title: 'What is registered can be taken out',
  async run(journey) {
    await journey.registered(golf);
    await new Transfers(journey.operator).export({ format: 'csv', model: golf.model, withVin: true });
  },
};

/** Last of a cloud: the vehicle of the story is gone then. */
const erase: Step = {
  title: 'A retired vehicle is erased',
  async run(journey) {
    const path = `/v1/vehicles/${journey.golf.vehicleId}`;
    await journey.operator.post(`${path}/retire`, undefined);
    const { body } = await journey.operator.post(`${path}/erasure`, { reason: 'Request of the owner' });
    await firstSweep(journey, at(body, 'erasureId'));
  },
};

const api = 'ApiFunctionRoleDefaultPolicy';
const asked = 'OwnershipCodeAskedRoleDefaultPolicy';
const changed = 'OwnershipChangedRoleDefaultPolicy';
const admit = 'RegistryAdmitRotationRoleDefaultPolicy';
const revoke = 'RegistryChangedRoleDefaultPolicy';
const importRun = 'TransfersImportRunRoleDefaultPolicy';
const exportRun = 'TransfersExportRunRoleDefaultPolicy';
const due = 'ErasureDueRoleDefaultPolicy';

const clouds: readonly (readonly Loss[])[] = [
  [
    {
      what: 'the rule may not call the function for codes',
      change: withoutResource('OwnershipCodeAskedClaimCodesRuleOfIot'),
      step: claim,
      evidence: /lambda:InvokeFunction on resource: \S+claim-code-asked/,
    },
    {
      what: 'AWS IoT may not call the hook of rotations',
      change: withoutResource('RegistryAdmitRotationProvisioningOfIot'),
      step: rotate,
      evidence: /lambda:InvokeFunction on resource: \S+admit-rotation/,
    },
    {
      what: 'an upload may not be read',
      change: withoutAction(importRun, 's3:GetObject'),
      step: bringIn,
      evidence: /s3:GetObject/,
    },
    {
      what: 'an export may not be begun',
      change: withoutAction(api, 'sqs:SendMessage', 'TransfersExports'),
      step: takeOut,
      evidence: /sqs:sendmessage on resource: \S+exports/i,
    },
    {
      what: 'an erasure may not be begun',
      change: withoutAction(api, 'sqs:SendMessage', 'ErasureQueue'),
      step: erase,
      evidence: /sqs:sendmessage on resource: \S+erasures/i,
    },
  ],
  [
    {
      what: 'a code may not be told',
      change: withoutAction(asked, 'iot:Publish'),
      step: claim,
      evidence: /iot:Publish/,
    },
    {
      what: 'the next certificate may not be noted',
      change: withoutAction(admit, 'dynamodb:PutItem'),
      step: rotate,
      evidence: /AdmitRotation.*dynamodb:PutItem/,
    },
    {
      what: 'imported vehicles may not be written',
      change: withoutAction(importRun, 'dynamodb:PutItem', 'GetAttRegistry'),
      step: bringIn,
      evidence: /ImportRun.*dynamodb:PutItem/,
    },
    {
      what: 'vehicles may not be listed for an export',
      change: withoutAction(exportRun, 'dynamodb:Query'),
      step: takeOut,
      evidence: /ExportRun.*dynamodb:Query/,
    },
    {
      what: 'a registration may not be erased',
      change: withoutAction(due, 'dynamodb:DeleteItem', 'GetAttRegistry'),
      step: erase,
      evidence: /ErasureDue.*dynamodb:DeleteItem/,
    },
  ],
  [
    {
      what: 'a code may not be kept',
      change: withoutAction(asked, 'dynamodb:UpdateItem', 'GetAttOwnership'),
      step: claim,
      evidence: /dynamodb:UpdateItem/,
    },
    {
      what: 'the former certificate may not be revoked',
      change: withoutAction(revoke, 'iot:UpdateCertificate'),
      step: rotate,
      evidence: /iot:UpdateCertificate/,
    },
    {
      what: 'an export may not be written',
      change: withoutAction(exportRun, 's3:PutObject'),
      step: takeOut,
      evidence: /s3:PutObject/,
    },
    {
      what: 'a thing may not be erased',
      change: withoutAction(due, 'iot:DeleteThing'),
      step: erase,
      evidence: /iot:DeleteThing/,
    },
  ],
  [
    {
      what: 'an owner may not be written',
      change: withoutAction(api, 'dynamodb:PutItem', 'GetAttOwnership'),
      step: claim,
      evidence: /dynamodb:PutItem/,
    },
    {
      what: 'who owned a vehicle may not be read',
      change: withoutAction(api, 'dynamodb:Query', 'GetAttOwnership'),
      step: giveUp,
      evidence: /dynamodb:Query/,
    },
    {
      what: 'the file of an export may not be fetched',
      change: withoutAction(api, 's3:GetObject', 'GetAttTransfers'),
      step: takeOut,
      evidence: /s3:GetObject/,
    },
    {
      what: 'a certificate may not be erased',
      change: withoutAction(due, 'iot:DeleteCertificate'),
      step: erase,
      evidence: /iot:DeleteCertificate/,
    },
  ],
  [
    {
      what: 'the platform may not hear of another owner',
      change: withoutAction(changed, 'events:PutEvents'),
      step: claim,
      evidence: /events:PutEvents/,
    },
    {
      what: 'what a vehicle reported may not be erased',
      change: withoutAction(due, 'dynamodb:BatchWriteItem', 'GetAttTelemetry'),
      step: leave,
      evidence: /dynamodb:BatchWriteItem/,
    },
  ],
  [
    {
      what: 'the cars of a person may not be listed',
      change: withoutAction(api, 'dynamodb:Query', 'byPerson'),
      step: look,
      evidence: /dynamodb:Query/,
    },
    {
      what: 'the screen may not be told of its owner',
      change: withoutAction(changed, 'iot:Publish'),
      step: claim,
      evidence: /iot:Publish/,
    },
    {
      what: 'an account may not be erased',
      change: withoutAction(due, 'cognito-idp:AdminDeleteUser'),
      step: leave,
      evidence: /AdminDeleteUser/,
    },
  ],
];

beforeAll(() => cloudAssembly(() => {}), startTimeout);

/** That the story holds with every grant, the tour and the matrix of faults prove. One cloud at a time: others run beside. */
describe('without one grant the story of people, certificates, files and erasures fails', () => {
  test.each(clouds.map((losses) => [losses.map(({ what }) => what).join(', '), losses] as const))(
    '%s',
    (_, losses) => failing(losses, onTheRoad),
    120_000,
  );
});

import { beforeAll, describe, test } from 'vitest';
import { cloudAssembly } from '#local/assembly.ts';
import { certificateSteps } from '#local/tour/chapters/certificates.ts';
import { peopleSteps } from '#local/tour/chapters/people.ts';
import { onTheRoad } from '#local/tour/chapters/provisioning.ts';
import { transferSteps } from '#local/tour/chapters/transfers.ts';
import type { Step } from '#local/tour/journey.ts';
import { failing, stepOf } from '../support/denied-step.ts';
import { startTimeout } from '../support/journey-cloud.ts';
import { type Template, withoutAction, withoutResource } from '../support/other-assembly.ts';

const claim = stepOf(peopleSteps, 'Who reads the code');
const rotate = stepOf(certificateSteps, 'A vehicle changes its certificate');
const bringIn = stepOf(transferSteps, 'An operator brings in');

const api = 'ApiFunctionRoleDefaultPolicy';
const asked = 'OwnershipCodeAskedRoleDefaultPolicy';
const changed = 'OwnershipChangedRoleDefaultPolicy';
const admit = 'RegistryAdmitRotationRoleDefaultPolicy';
const run = 'TransfersImportRunRoleDefaultPolicy';

beforeAll(() => cloudAssembly(() => {}), startTimeout);

/** That the story holds with every grant, the tour and the matrix of faults prove. One cloud at a time: others run beside. */
describe('without one grant the story of people, certificates and files fails', () => {
  test.each<readonly [string, (template: Template) => void, Step, RegExp]>([
    [
      'the rule may not call the function for codes',
      withoutResource('OwnershipCodeAskedClaimCodesRuleOfIot'),
      claim,
      /lambda:InvokeFunction/,
    ],
    ['a code may not be told', withoutAction(asked, 'iot:Publish'), claim, /iot:Publish/],
    [
      'a code may not be kept',
      withoutAction(asked, 'dynamodb:UpdateItem', 'GetAttOwnership'),
      claim,
      /dynamodb:UpdateItem/,
    ],
    [
      'an owner may not be written',
      withoutAction(api, 'dynamodb:PutItem', 'GetAttOwnership'),
      claim,
      /dynamodb:PutItem/,
    ],
    [
      'the cars of a person may not be listed',
      withoutAction(api, 'dynamodb:Query', 'byPerson'),
      claim,
      /dynamodb:Query/,
    ],
    ['the screen may not be told of its owner', withoutAction(changed, 'iot:Publish'), claim, /iot:Publish/],
    [
      'AWS IoT may not call the hook of rotations',
      withoutResource('RegistryAdmitRotationProvisioningOfIot'),
      rotate,
      /lambda:InvokeFunction/,
    ],
    ['the next certificate may not be noted', withoutAction(admit, 'dynamodb:PutItem'), rotate, /dynamodb:PutItem/],
    [
      'the former certificate may not be revoked',
      withoutAction('RegistryChangedRoleDefaultPolicy', 'iot:UpdateCertificate'),
      rotate,
      /iot:UpdateCertificate/,
    ],
    ['an upload may not be read', withoutAction(run, 's3:GetObject'), bringIn, /s3:GetObject/],
    [
      'imported vehicles may not be written',
      withoutAction(run, 'dynamodb:PutItem', 'GetAttRegistry'),
      bringIn,
      /dynamodb:PutItem/,
    ],
  ])(
    '%s',
    (_, change, step, evidence) =>
      failing(change, step, evidence, step === claim || step === rotate ? onTheRoad : undefined),
    120_000,
  );
});

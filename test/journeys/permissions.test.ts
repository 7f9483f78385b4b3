import { afterAll, beforeAll, describe, test } from 'vitest';
import { commandSteps } from '#local/tour/chapters/commands.ts';
import { lifeSteps } from '#local/tour/chapters/life.ts';
import { onTheRoad, provisioningSteps } from '#local/tour/chapters/provisioning.ts';
import { reportSteps } from '#local/tour/chapters/reports.ts';
import { twinSteps } from '#local/tour/chapters/twins.ts';
import type { Step } from '#local/tour/journey.ts';
import { failing, stepOf } from '../support/denied-step.ts';
import { type JourneyCloud, openCloud, startTimeout } from '../support/journey-cloud.ts';
import { type Template, withoutAction, withoutResource } from '../support/other-assembly.ts';

const register = stepOf(provisioningSteps, 'An operator registers');
const introduce = stepOf(provisioningSteps, 'The expected vehicle');
const report = stepOf(reportSteps, 'What the vehicle measures');
const tellInventory = stepOf(reportSteps, 'The vehicle tells which control units');
const converge = stepOf(twinSteps, 'A wish of the API');
const obey = stepOf(commandSteps, 'The vehicle obeys');
const suspend = stepOf(lifeSteps, 'A suspended vehicle');

describe('with every grant', () => {
  let home: JourneyCloud;
  beforeAll(async () => {
    home = await openCloud();
  }, startTimeout);
  afterAll(() => home.close());

  test.each([register, introduce, report, tellInventory, converge, obey, suspend])(
    'the story holds: $title',
    ({ run }) => run(home.journey),
  );
});

const admit = 'RegistryAdmitRoleDefaultPolicy';
const making = 'RegistryProvisioningMaking';
const api = 'ApiFunctionRoleDefaultPolicy';
const received = 'TelemetryReceivedRoleDefaultPolicy';
const messages = 'DeviceCloudfleetloomdevvehiclemessages';
const shadows = 'DeviceCloudfleetloomdevvehicleshadows';
const changed = 'RegistryChangedRoleDefaultPolicy';

describe.concurrent('without one grant the story fails', () => {
  test.each<readonly [string, (template: Template) => void, Step, RegExp]>([
    ['the hook may not write the registry', withoutAction(admit, 'dynamodb:PutItem'), introduce, /dynamodb:PutItem/],
    [
      'AWS IoT may not call the hook',
      withoutResource('RegistryAdmitProvisioningOfIot'),
      introduce,
      /lambda:InvokeFunction/,
    ],
    ['provisioning may not make things', withoutAction(making, 'iot:CreateThing'), introduce, /iot:CreateThing/],
    ['provisioning may not attach policies', withoutAction(making, 'iot:AttachPolicy'), introduce, /iot:AttachPolicy/],
    ['the API may not publish commands', withoutAction(api, 'iot:Publish'), obey, /iot:Publish/],
    ['the API may not set reminders', withoutAction(api, 'sqs:SendMessage'), obey, /sqs:SendMessage/],
    ['the API may not write shadows', withoutAction(api, 'iot:UpdateThingShadow'), converge, /iot:UpdateThingShadow/],
    ['telemetry may not be written', withoutAction(received, 'dynamodb:PutItem'), report, /dynamodb:PutItem/],
    [
      'the rule may not fill the queue',
      withoutAction('IngestTelemetryRuleRoleDefaultPolicy', 'sqs:SendMessage', 'TelemetryQueue'),
      report,
      /sqs:SendMessage/i,
    ],
    [
      'the rule may not call the function for replies',
      withoutResource('CommandsRepliedRepliesRuleOfIot'),
      obey,
      /lambda:InvokeFunction/,
    ],
    [
      'presence may not be told',
      withoutResource('RegistryPresencePresenceRuleOfIot'),
      introduce,
      /lambda:InvokeFunction/,
    ],
    ['a vehicle may not connect', withoutAction(messages, 'iot:Connect'), introduce, /not authorized to connect/],
    ['a vehicle may not report', withoutAction(messages, 'iot:Publish'), report, /not authorized to publish/],
    ['a vehicle may not listen', withoutAction(messages, 'iot:Subscribe'), introduce, /not authorized to subscribe/],
    [
      'a vehicle may not write its shadow',
      withoutAction(shadows, 'iot:Publish'),
      converge,
      /not authorized to publish/,
    ],
    [
      'a claim may not ask',
      withoutAction('DeviceCloudfleetloomdevclaim', 'iot:Publish'),
      introduce,
      /not authorized to publish/,
    ],
    [
      'certificates may not be changed',
      withoutAction(changed, 'iot:UpdateCertificate'),
      suspend,
      /iot:UpdateCertificate/,
    ],
  ])(
    '%s',
    (_, change, step, evidence) =>
      failing(change, step, evidence, step === register || step === introduce ? undefined : onTheRoad),
    120_000,
  );
});

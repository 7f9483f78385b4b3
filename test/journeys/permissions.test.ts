import { afterAll, beforeAll, describe, test } from 'vitest';
import { commandSteps } from '#local/tour/chapters/commands.ts';
import { lifeSteps } from '#local/tour/chapters/life.ts';
import { onTheRoad, provisioningSteps } from '#local/tour/chapters/provisioning.ts';
import { reportSteps } from '#local/tour/chapters/reports.ts';
import { twinSteps } from '#local/tour/chapters/twins.ts';
import { failing, type Loss, stepOf } from '../support/denied-step.ts';
import { type JourneyCloud, openCloud, startTimeout } from '../support/journey-cloud.ts';
import { withoutAction, withoutResource } from '../support/other-assembly.ts';

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

const unmet: readonly Loss[] = [
  {
    what: 'the hook may not write the registry',
    change: withoutAction(admit, 'dynamodb:PutItem'),
    step: introduce,
    evidence: /dynamodb:PutItem/,
  },
  {
    what: 'AWS IoT may not call the hook',
    change: withoutResource('RegistryAdmitProvisioningOfIot'),
    step: introduce,
    evidence: /lambda:InvokeFunction/,
  },
  {
    what: 'provisioning may not make things',
    change: withoutAction(making, 'iot:CreateThing'),
    step: introduce,
    evidence: /iot:CreateThing/,
  },
  {
    what: 'provisioning may not attach policies',
    change: withoutAction(making, 'iot:AttachPolicy'),
    step: introduce,
    evidence: /iot:AttachPolicy/,
  },
  {
    what: 'presence may not be told',
    change: withoutResource('RegistryPresencePresenceRuleOfIot'),
    step: introduce,
    evidence: /lambda:InvokeFunction/,
  },
  {
    what: 'a vehicle may not connect',
    change: withoutAction(messages, 'iot:Connect'),
    step: introduce,
    evidence: /not authorized to connect/,
  },
  {
    what: 'a vehicle may not listen',
    change: withoutAction(messages, 'iot:Subscribe'),
    step: introduce,
    evidence: /not authorized to subscribe/,
  },
  {
    what: 'a claim may not ask',
    change: withoutAction('DeviceCloudfleetloomdevclaim', 'iot:Publish'),
    step: introduce,
    evidence: /not authorized to publish/,
  },
];

/** Each list on one cloud. */
const onTheWay: readonly (readonly Loss[])[] = [
  [
    {
      what: 'the API may not publish commands',
      change: withoutAction(api, 'iot:Publish'),
      step: obey,
      evidence: /iot:Publish/,
    },
    {
      what: 'the API may not write shadows',
      change: withoutAction(api, 'iot:UpdateThingShadow'),
      step: converge,
      evidence: /iot:UpdateThingShadow/,
    },
    {
      what: 'telemetry may not be written',
      change: withoutAction(received, 'dynamodb:PutItem'),
      step: report,
      evidence: /dynamodb:PutItem/,
    },
    {
      what: 'certificates may not be changed',
      change: withoutAction(changed, 'iot:UpdateCertificate'),
      step: suspend,
      evidence: /iot:UpdateCertificate/,
    },
  ],
  [
    {
      what: 'the API may not set reminders',
      change: withoutAction(api, 'sqs:SendMessage'),
      step: obey,
      evidence: /sqs:SendMessage/,
    },
    {
      what: 'the rule may not fill the queue',
      change: withoutAction('IngestTelemetryRuleRoleDefaultPolicy', 'sqs:SendMessage', 'TelemetryQueue'),
      step: report,
      evidence: /TelemetryRule.*sqs:SendMessage/i,
    },
    {
      what: 'a vehicle may not write its shadow',
      change: withoutAction(shadows, 'iot:Publish'),
      step: converge,
      evidence: /not authorized to publish/,
    },
  ],
  [
    {
      what: 'the rule may not call the function for replies',
      change: withoutResource('CommandsRepliedRepliesRuleOfIot'),
      step: obey,
      evidence: /lambda:InvokeFunction/,
    },
  ],
  [
    {
      what: 'a vehicle may not report',
      change: withoutAction(messages, 'iot:Publish'),
      step: report,
      evidence: /not authorized to publish/,
    },
  ],
];

describe.concurrent('without one grant the story fails', () => {
  test.each(unmet.map((loss) => [loss.what, loss] as const))('%s', (_, loss) => failing([loss]), 120_000);

  test.each(onTheWay.map((losses) => [losses.map(({ what }) => what).join(', '), losses] as const))(
    '%s',
    (_, losses) => failing(losses, onTheRoad),
    120_000,
  );
});

import type { Construct } from 'constructs';
import {
  certificateTopic,
  claimClientPrefix,
  provisionTopic,
  type RuleNames,
  vehicleTopics,
} from '#shared/vehicle-cloud/topics.ts';
import { iotArn } from './iot-arn.ts';

/** An IoT policy, as `AWS::IoT::Policy` takes it. */
export interface DevicePolicy {
  readonly Version: '2012-10-17';
  readonly Statement: readonly DeviceStatement[];
}

interface DeviceStatement {
  readonly Effect: 'Allow';
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: { readonly Bool: { readonly 'iot:Connection.Thing.IsAttached': readonly ['true'] } };
}

/** Filled in by AWS IoT: the thing that this certificate is attached to and whose name is the client id. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: an IoT policy variable, not a template string
const itself = '${iot:Connection.Thing.ThingName}';
const isAttached = { Bool: { 'iot:Connection.Thing.IsAttached': ['true'] } } as const;
const shadowVerbs = ['get', 'update', 'delete'];

/** A vehicle connects under its own name, reports through Basic Ingest, and hears its own commands and codes. */
export function messagesPolicy(scope: Construct, rules: RuleNames): DevicePolicy {
  const topics = vehicleTopics(itself, rules);
  const reports = [topics.telemetryTopic, topics.inventoryTopic, topics.commandReplyTopic];
  const said = [...reports, topics.claimCodeRequestTopic];
  const heard = [topics.commandTopic, topics.claimCodeTopic];
  return policy(
    { Effect: 'Allow', Action: 'iot:Connect', Resource: iotArn(scope, `client/${itself}`), Condition: isAttached },
    ...conversation(scope, said, heard),
  );
}

/**
 * What a vehicle asks AWS IoT itself: it gets, changes and deletes its own shadows under any name, and changes its
 * certificate by the one template that is for that. It may not publish an answer: of its shadows only the three verbs
 * are its own. Answers about certificates come on shared topics, to the asker alone.
 */
export function shadowsPolicy(scope: Construct, rotationTemplate: string): DevicePolicy {
  const shadow = `$aws/things/${itself}/shadow`;
  const verbs = [shadow, `${shadow}/name/*`].flatMap((prefix) => shadowVerbs.map((verb) => `${prefix}/${verb}`));
  const rotation = [certificateTopic, provisionTopic(rotationTemplate)];
  const heard = [shadow, ...rotation].map((topic) => `${topic}/*`);
  return policy(...conversation(scope, [...verbs, ...rotation], heard));
}

/**
 * What a vehicle says and hears about its software, and about who shares it: reports and questions, answers, and its own jobs. It asks about
 * jobs and changes its own, and cannot forge what AWS IoT answers or announces. A vehicle that was provisioned before
 * this policy came gets it with its next certificate.
 */
export function updatesPolicy(scope: Construct, rules: RuleNames): DevicePolicy {
  const topics = vehicleTopics(itself, rules);
  const jobs = topics.jobsTopicPrefix;
  const asked = ['get', 'start-next', '*/get', '*/update'].map((verb) => `${jobs}/${verb}`);
  const said = [topics.updateReportTopic, topics.sharingReportTopic, ...asked];
  return policy(...conversation(scope, said, [topics.updateTopic, topics.sharingTopic, `${jobs}/*`]));
}

/**
 * The factory's certificate: trades a signing request for a certificate and nothing else. Keys made by
 * the cloud are not offered. No vehicle is called `claim-…`, so a claim cannot pose as one.
 */
export function claimPolicy(scope: Construct, templateName: string): DevicePolicy {
  const requests = [certificateTopic, provisionTopic(templateName)];
  const answers = requests.flatMap((topic) => [`${topic}/accepted`, `${topic}/rejected`]);
  return policy(
    { Effect: 'Allow', Action: 'iot:Connect', Resource: iotArn(scope, `client/${claimClientPrefix}*`) },
    ...conversation(scope, requests, answers),
  );
}

/** What may be published, and what may be subscribed to and received. */
function conversation(scope: Construct, said: readonly string[], heard: readonly string[]): readonly DeviceStatement[] {
  return [
    { Effect: 'Allow', Action: 'iot:Publish', Resource: said.map((topic) => iotArn(scope, `topic/${topic}`)) },
    { Effect: 'Allow', Action: 'iot:Subscribe', Resource: heard.map((topic) => iotArn(scope, `topicfilter/${topic}`)) },
    { Effect: 'Allow', Action: 'iot:Receive', Resource: heard.map((topic) => iotArn(scope, `topic/${topic}`)) },
  ];
}

function policy(...statements: readonly DeviceStatement[]): DevicePolicy {
  return { Version: '2012-10-17', Statement: statements };
}

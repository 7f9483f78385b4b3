/**
 * The one author of every topic between a vehicle and the AWS device cloud.
 *
 * A vehicle never builds a topic: it receives these names in the `deviceConfiguration` of its
 * provisioning. Reports go through Basic Ingest (`$aws/rules/<rule>/…`), which costs no message fee and
 * which nobody can subscribe to. The rule sees the topic without that prefix, so `topic(2)` is the vehicle.
 */
export interface VehicleTopics {
  readonly telemetryTopic: string;
  readonly inventoryTopic: string;
  readonly commandReplyTopic: string;
  readonly commandTopic: string;
  /** Where the vehicle asks for a code to show. The names are short: a vehicle's policy holds 2,048 characters. */
  readonly claimCodeRequestTopic: string;
  /** Where the code comes. */
  readonly claimCodeTopic: string;
  /** Where the vehicle says what becomes of its updates, and asks what to install. */
  readonly updateReportTopic: string;
  /** Where it is answered. */
  readonly updateTopic: string;
  /** Where a shared vehicle says what becomes of it: its log, its state, what it admits; and asks for zones. */
  readonly sharingReportTopic: string;
  /** Where it is answered. */
  readonly sharingTopic: string;
  /** Followed by `/get`, `/start-next`, `/<job>/get` or `/<job>/update`, and heard below by `/#`. */
  readonly jobsTopicPrefix: string;
  /** Followed by `/name/<twin>/get|update|delete` (named) or `/get|update|delete` (classic). */
  readonly shadowTopicPrefix: string;
}

export interface RuleNames {
  readonly telemetry: string;
  readonly inventory: string;
  readonly replies: string;
  readonly claimCodes: string;
  readonly updates: string;
  readonly sharing: string;
  readonly presence: string;
  /** Of the same events, for the sharing service. */
  readonly sharingPresence: string;
}

/** Rule names are unique in an account and region and admit only letters, digits and underscores. */
export function ruleNames(stage: string): RuleNames {
  const prefix = `fleetloom_${stage.replaceAll(/[^a-zA-Z0-9]/g, '_')}`;
  return {
    telemetry: `${prefix}_telemetry`,
    inventory: `${prefix}_inventory`,
    replies: `${prefix}_replies`,
    claimCodes: `${prefix}_codes`,
    updates: `${prefix}_updates`,
    sharing: `${prefix}_sharing`,
    presence: `${prefix}_presence`,
    sharingPresence: `${prefix}_sharing_presence`,
  };
}

/** What the rules select from; the second level is the vehicle. */
export const ruleTopicFilters = {
  telemetry: 'vehicles/+/telemetry',
  inventory: 'vehicles/+/inventory',
  replies: 'vehicles/+/replies',
  claimCodes: 'vehicles/+/codes',
  updates: 'vehicles/+/updates',
  sharing: 'vehicles/+/sharing',
  /** `topic(4)` is `connected` or `disconnected`, `topic(5)` the client id. */
  presence: '$aws/events/presence/+/+',
  sharingPresence: '$aws/events/presence/+/+',
} as const satisfies Record<keyof RuleNames, string>;

/** @param vehicleId a vehicle, or an IoT policy variable or template placeholder that stands for one */
export function vehicleTopics(vehicleId: string, rules: RuleNames): VehicleTopics {
  return {
    telemetryTopic: `$aws/rules/${rules.telemetry}/vehicles/${vehicleId}/telemetry`,
    inventoryTopic: `$aws/rules/${rules.inventory}/vehicles/${vehicleId}/inventory`,
    commandReplyTopic: `$aws/rules/${rules.replies}/vehicles/${vehicleId}/replies`,
    commandTopic: commandTopic(vehicleId),
    claimCodeRequestTopic: `$aws/rules/${rules.claimCodes}/vehicles/${vehicleId}/codes`,
    claimCodeTopic: claimCodeTopic(vehicleId),
    updateReportTopic: `$aws/rules/${rules.updates}/vehicles/${vehicleId}/updates`,
    updateTopic: updateTopic(vehicleId),
    sharingReportTopic: `$aws/rules/${rules.sharing}/vehicles/${vehicleId}/sharing`,
    sharingTopic: sharingTopic(vehicleId),
    jobsTopicPrefix: `$aws/things/${vehicleId}/jobs`,
    shadowTopicPrefix: `$aws/things/${vehicleId}/shadow`,
  };
}

/** The topic on which the cloud sends commands and the vehicle listens. */
export function commandTopic(vehicleId: string): string {
  return `vehicles/${vehicleId}/commands`;
}

/** Where a device trades a signing request for a certificate; answers on `…/accepted` and `…/rejected`. */
export const certificateTopic = '$aws/certificates/create-from-csr/json';

/** Where a device has a template of this name register the certificate that it was given. */
export function provisionTopic(templateName: string): string {
  return `$aws/provisioning-templates/${templateName}/provision/json`;
}

/** The topic on which a vehicle gets the code that it shows. */
export function claimCodeTopic(vehicleId: string): string {
  return `vehicles/${vehicleId}/code`;
}

/** The topic on which a vehicle gets what it asked the Director for. */
export function updateTopic(vehicleId: string): string {
  return `vehicles/${vehicleId}/ota`;
}

/** The topic on which a shared vehicle gets what it asked for. */
export function sharingTopic(vehicleId: string): string {
  return `vehicles/${vehicleId}/share`;
}

/** What the vehicles of a stage change their certificate by. */
export function rotationTemplateName(stage: string): string {
  return `fleetloom-${stage}-rotation`;
}

/** The things that may do a campaign's update: those that have consented. */
export function campaignGroupName(stage: string, campaignId: string): string {
  return `fleetloom-${stage}-campaign-${campaignId}`;
}

/** The one job of a campaign, for its group. */
export function campaignJobId(stage: string, campaignId: string): string {
  return `fleetloom-${stage}-${campaignId}`;
}

/** The things that may do an update of a campaign that has closed, whichever, and the one job for them. */
export function standingRollout(stage: string): string {
  return `fleetloom-${stage}-standing`;
}

/** Claims connect under this prefix, which no vehicleId can begin with. */
export const claimClientPrefix = 'claim-';

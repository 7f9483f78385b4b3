/** The names of AWS IoT's things in policies: `arn:aws:iot:<region>:<account>:<kind>/<name>`. */
export interface Arns {
  readonly region: string;
  readonly accountId: string;
  thing(thingName: string): string;
  thingType(thingTypeName: string): string;
  thingGroup(thingGroupName: string): string;
  certificate(certificateId: string): string;
  policy(policyName: string): string;
  rule(ruleName: string): string;
  provisioningTemplate(templateName: string): string;
  job(jobId: string): string;
  jobTemplate(jobTemplateId: string): string;
  topic(topic: string): string;
  client(clientId: string): string;
  /** The certificate id or name in an ARN of this account and region; `undefined` for any other text. */
  certificateIdIn(arn: string): string | undefined;
  thingGroupIn(arn: string): string | undefined;
  thingIn(arn: string): string | undefined;
  jobTemplateIn(arn: string): string | undefined;
}

export function iotArns(region: string, accountId: string): Arns {
  const prefix = `arn:aws:iot:${region}:${accountId}:`;
  const of = (kind: string) => (name: string) => `${prefix}${kind}/${name}`;
  const nameIn = (kind: string) => (arn: string) => {
    const start = `${prefix}${kind}/`;
    return arn.startsWith(start) && arn.length > start.length ? arn.slice(start.length) : undefined;
  };
  return {
    region,
    accountId,
    thing: of('thing'),
    thingType: of('thingtype'),
    thingGroup: of('thinggroup'),
    certificate: of('cert'),
    policy: of('policy'),
    rule: of('rule'),
    provisioningTemplate: of('provisioningtemplate'),
    job: of('job'),
    jobTemplate: of('jobtemplate'),
    topic: of('topic'),
    client: of('client'),
    certificateIdIn: nameIn('cert'),
    thingGroupIn: nameIn('thinggroup'),
    thingIn: nameIn('thing'),
    jobTemplateIn: nameIn('jobtemplate'),
  };
}

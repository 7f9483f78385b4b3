export type ShadowVerb = 'get' | 'update' | 'delete';

export interface ShadowRequestTopic {
  readonly thingName: string;
  /** Absent for the classic shadow. */
  readonly shadowName: string | undefined;
  readonly verb: ShadowVerb;
}

const requestTopic =
  /^\$aws\/things\/([a-zA-Z0-9:_-]{1,128})\/shadow\/(?:name\/([$a-zA-Z0-9:_-]{1,64})\/)?(get|update|delete)$/;

/** What a device asks by publishing to this topic; `undefined` when it is no request to the shadow service. */
export function parseShadowTopic(topic: string): ShadowRequestTopic | undefined {
  const [, thingName, shadowName, verb] = requestTopic.exec(topic) ?? [];
  if (thingName === undefined || !isVerb(verb)) return undefined;
  return { thingName, shadowName, verb };
}

export function shadowTopic(thingName: string, shadowName: string | undefined, suffix: string): string {
  const name = shadowName === undefined ? '' : `name/${shadowName}/`;
  return `$aws/things/${thingName}/shadow/${name}${suffix}`;
}

export const thingNamePattern = /^[a-zA-Z0-9:_-]{1,128}$/;
export const shadowNamePattern = /^[$a-zA-Z0-9:_-]{1,64}$/;

function isVerb(text: string | undefined): text is ShadowVerb {
  return text === 'get' || text === 'update' || text === 'delete';
}

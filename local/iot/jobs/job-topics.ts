import type { Asked } from './device-request.ts';

export interface JobTopic {
  readonly thingName: string;
  /** Undefined: a topic of the jobs service that means nothing. */
  readonly asked: Asked | undefined;
}

const jobsTopic = /^\$aws\/things\/([a-zA-Z0-9:_-]{1,128})\/jobs\/(.+)$/;

/**
 * What a device asks by publishing to this topic; undefined when it is none of the jobs service. A job may be named
 * `get` or `start-next`: the number of segments decides, not the last of them.
 */
export function parseJobTopic(topic: string): JobTopic | undefined {
  const [, thingName, rest] = jobsTopic.exec(topic) ?? [];
  if (thingName === undefined || rest === undefined) return undefined;
  return { thingName, asked: askedBy(rest.split('/')) };
}

function askedBy([first = '', second, ...more]: readonly string[]): Asked | undefined {
  if (more.length > 0) return undefined;
  if (second === undefined) {
    if (first === 'get') return { kind: 'get-pending' };
    return first === 'start-next' ? { kind: 'start-next' } : undefined;
  }
  const isJob = /^[a-zA-Z0-9_-]{1,64}$/.test(first);
  if (second === 'get' && (isJob || first === '$next')) return { kind: 'describe', jobId: first };
  return second === 'update' && isJob ? { kind: 'update', jobId: first } : undefined;
}

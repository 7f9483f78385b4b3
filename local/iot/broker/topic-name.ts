import { limits } from './limits.ts';

/** A filter after its `$share/{name}/` was taken off. */
export interface TopicFilter {
  readonly levels: readonly string[];
  readonly shareName: string | undefined;
}

/** Why nobody may publish to this name, or undefined. */
export function faultOfTopic(topic: string): string | undefined {
  if (topic === '') return 'the topic is empty';
  if (/[+#]/.test(topic)) return 'a topic to publish on has no wildcards';
  return faultOfLength(counted(topic), slashesIn(counted(topic)));
}

/** Parses a filter of SUBSCRIBE, or says what is wrong with it. */
export function parseFilter(filter: string): TopicFilter | { readonly fault: string } {
  const shared = filter.startsWith('$share/');
  const all = filter.split('/');
  const shareName = shared ? all[1] : undefined;
  const inner = shared ? all.slice(2) : all;
  if (shared && !isShareName(shareName)) return { fault: 'the name of the share is empty, too long or has wildcards' };
  const fault = faultOfLevels(inner) ?? faultOfLength(filter, slashesIn(inner.join('/')));
  if (fault !== undefined) return { fault };
  return { levels: inner, shareName };
}

export function isReserved(topic: string): boolean {
  return topic.startsWith('$');
}

function isShareName(name: string | undefined): name is string {
  return name !== undefined && name !== '' && !/[+#]/.test(name) && Buffer.byteLength(name) <= limits.shareNameBytes;
}

function faultOfLevels(levels: readonly string[]): string | undefined {
  if (levels.length === 0 || (levels.length === 1 && levels[0] === '')) return 'the filter is empty';
  for (const [index, level] of levels.entries()) {
    if (level.length > 1 && /[+#]/.test(level)) return 'a wildcard fills its whole level';
    if (level === '#' && index < levels.length - 1) return '# stands at the end';
  }
  return undefined;
}

function faultOfLength(text: string, slashes: number): string | undefined {
  if (Buffer.byteLength(text) > limits.topicBytes) return `more than ${limits.topicBytes} bytes`;
  if (slashes > limits.topicSlashes) return `more than ${limits.topicSlashes} slashes`;
  return undefined;
}

/** The prefix of Basic Ingest counts for no quota. */
function counted(topic: string): string {
  return topic.replace(/^\$aws\/rules\/[^/]*\//, '');
}

function slashesIn(text: string): number {
  return text.split('/').length - 1;
}

/**
 * Whether a topic filter covers a topic, as AWS IoT Core decides it: `a/#` does not cover `a`, unlike the
 * MQTT standard, and a wildcard at the front covers no topic that begins with `$`.
 */
export function filterMatches(filter: string, topic: string): boolean {
  const wanted = filter.split('/');
  const levels = topic.split('/');
  if (topic.startsWith('$') && (wanted[0] === '#' || wanted[0] === '+')) return false;
  if (wanted.at(-1) === '#') {
    return levels.length >= wanted.length && wanted.slice(0, -1).every((level, index) => covers(level, levels[index]));
  }
  return levels.length === wanted.length && wanted.every((level, index) => covers(level, levels[index]));
}

function covers(wanted: string, level: string | undefined): boolean {
  return wanted === '+' ? level !== undefined : wanted === level;
}

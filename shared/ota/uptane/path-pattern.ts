/**
 * Whether a delegation's shell pattern covers an image's name: `*` and `?` stay within one segment (TUF 1.0.34, 4.5),
 * everything else means itself.
 *
 * @example covers('engine/*.bin', 'engine/ecm-7.bin') // true
 */
export function covers(pattern: string, name: string): boolean {
  const patterns = pattern.split('/');
  const segments = name.split('/');
  return patterns.length === segments.length && segments.every((it, index) => fits(patterns[index] ?? '', it));
}

/** Goes back to the last `*` alone, so that no pattern takes longer than pattern × segment. */
function fits(pattern: string, segment: string): boolean {
  let at = 0;
  let from = 0;
  let star = -1;
  let starred = 0;
  while (from < segment.length) {
    if (pattern[at] === '*') {
      star = at;
      starred = from;
      at += 1;
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === segment[from])) {
      at += 1;
      from += 1;
    } else if (star >= 0) {
      at = star + 1;
      starred += 1;
      from = starred;
    } else {
      return false;
    }
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}

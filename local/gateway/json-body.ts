import { AwsError } from '#local/aws-error.ts';

/** @throws AwsError that says what the body looks like instead of JSON */
export function jsonOf(body: Buffer): unknown {
  const text = body.toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    throw new AwsError('ValidationException', 400, `The body is not JSON${likeness(text)}. Send one JSON object.`);
  }
}

function likeness(text: string): string {
  if (text.trim() === '') return ': it is empty';
  if (/^\s*</.test(text)) return ', but looks like XML';
  return /^[\w.%+-]+=/.test(text) ? ', but looks like a form' : '';
}

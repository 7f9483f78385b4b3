import type * as z from 'zod/mini';
import type { FieldError } from './failure.ts';

type Issue = z.core.$ZodIssue;

/** What is wrong with a JSON body, each fault by its JSON pointer (RFC 6901). */
export function bodyFaults(issues: readonly Issue[]): FieldError[] {
  return issues.flatMap((issue) => faults(issue, pointer));
}

/** What is wrong with query, path or header parameters, each fault by its name. */
export function parameterFaults(issues: readonly Issue[]): FieldError[] {
  return issues.flatMap((issue) => faults(issue, (path) => path.map(String).join('.')));
}

function pointer(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

function faults(issue: Issue, name: (path: readonly PropertyKey[]) => string): FieldError[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ pointer: name([...issue.path, key]), detail: 'is not known here' }));
  }
  if (issue.code === 'invalid_union') {
    const meant = nearest(issue.errors);
    if (meant !== undefined) return meant.flatMap((each) => faults(each, (path) => name([...issue.path, ...path])));
  }
  return [{ pointer: name(issue.path), detail: describe(issue) }];
}

/** Of several forms a body may have, the one that it misses by the least is what was meant. */
function nearest(forms: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const least = Math.min(...forms.map((issues) => issues.length));
  return forms.find((issues) => issues.length === least && issues.length > 0);
}

function describe(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is missing' : `is not of the type ${issue.expected}`;
    case 'too_small':
      return issue.inclusive === false
        ? `has to be above ${issue.minimum}${unitOf(issue.origin)}`
        : `is below the minimum ${issue.minimum}${unitOf(issue.origin)}`;
    case 'too_big':
      return issue.inclusive === false
        ? `has to be below ${issue.maximum}${unitOf(issue.origin)}`
        : `is above the maximum ${issue.maximum}${unitOf(issue.origin)}`;
    case 'invalid_value':
      return `is none of ${issue.values.map(String).join(', ')}`;
    case 'invalid_union':
      return issue.inclusive !== false && issue.options !== undefined
        ? `is none of ${issue.options.map(String).join(', ')}`
        : 'is not valid';
    case 'invalid_format':
      return 'does not have the form that is asked for';
    case 'custom':
      return issue.message === 'Invalid input' ? 'is not allowed' : issue.message;
    default:
      return 'is not valid';
  }
}

function unitOf(origin: string): string {
  switch (origin) {
    case 'string':
      return ' characters';
    case 'array':
      return ' entries';
    default:
      return '';
  }
}

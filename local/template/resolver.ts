import {
  attributeReference,
  type Intrinsic,
  intrinsicOf,
  isObject,
  type JsonObject,
  subArgument,
  subPieces,
} from './intrinsics.ts';

/** What the names in a template mean. Each member throws an error that says what it does not know. */
export interface Meaning {
  /** A parameter, a pseudo parameter or a resource. */
  ref(name: string): string | readonly string[];
  attribute(logicalId: string, name: string): string | readonly string[];
  condition(name: string): boolean;
  imported(exportName: string): string;
  mapping(map: string, topKey: string, secondKey: string): unknown;
}

/** `Ref: AWS::NoValue`: the member or element is left out. */
const noValue = Symbol('AWS::NoValue');

/**
 * Replaces every intrinsic function in a value of a template.
 *
 * @param path where the value stands, for errors, e.g. `Stack/LogicalId.Properties.Code`
 * @returns undefined when the whole value is `AWS::NoValue`
 * @throws Error that begins with the path of what is not understood
 */
export function resolve(value: unknown, meaning: Meaning, path: string): unknown {
  const resolved = resolveNode(value, meaning, path);
  return resolved === noValue ? undefined : resolved;
}

function resolveNode(value: unknown, meaning: Meaning, path: string): unknown {
  if (typeof value === 'string') return plainText(value, path);
  if (Array.isArray(value)) {
    return value
      .map((element, index) => resolveNode(element, meaning, `${path}[${index}]`))
      .filter((element) => element !== noValue);
  }
  if (!isObject(value)) return value;
  const call = intrinsicOf(value, path);
  if (call !== undefined) return resolveCall(call, meaning, `${path}.${call.name}`);
  const members: [string, unknown][] = [];
  for (const [key, member] of Object.entries(value)) {
    const resolved = resolveNode(member, meaning, `${path}.${key}`);
    if (resolved !== noValue) members.push([key, resolved]);
  }
  return Object.fromEntries(members);
}

/** CloudFormation would read `{{resolve:…}}` from Systems Manager or Secrets Manager; there are none here. */
function plainText(text: string, path: string): string {
  if (text.includes('{{resolve:')) throw new Error(`${path}: the dynamic reference ${text} cannot be resolved locally`);
  return text;
}

function resolveCall({ name, argument }: Intrinsic, meaning: Meaning, path: string): unknown {
  switch (name) {
    case 'Ref':
      return reference(argument, meaning, path);
    case 'Fn::GetAtt': {
      const [logicalId, attribute] = attributeReference(argument, path);
      return located(path, () => meaning.attribute(logicalId, attribute));
    }
    case 'Fn::Join':
      return join(argument, meaning, path);
    case 'Fn::Sub':
      return substitute(argument, meaning, path);
    case 'Fn::Select':
      return select(argument, meaning, path);
    case 'Fn::Split': {
      const [separator, text] = argumentsOf(argument, 2, path);
      return textOf(text, meaning, `${path}[1]`).split(textOf(separator, meaning, `${path}[0]`));
    }
    case 'Fn::If': {
      const [condition, whenTrue, whenFalse] = argumentsOf(argument, 3, path);
      if (typeof condition !== 'string') throw new Error(`${path}: wants the name of a condition`);
      const holds = located(path, () => meaning.condition(condition));
      return holds ? resolveNode(whenTrue, meaning, `${path}[1]`) : resolveNode(whenFalse, meaning, `${path}[2]`);
    }
    case 'Fn::FindInMap': {
      const [map, top, second] = argumentsOf(argument, 3, path).map((part) => textOf(part, meaning, path));
      return located(path, () => meaning.mapping(map ?? '', top ?? '', second ?? ''));
    }
    case 'Fn::ImportValue':
      return located(path, () => meaning.imported(textOf(argument, meaning, path)));
    default:
      throw new Error(`${path}: the local cloud does not know this intrinsic function`);
  }
}

function reference(argument: unknown, meaning: Meaning, path: string): unknown {
  if (typeof argument !== 'string') throw new Error(`${path}: wants a name`);
  if (argument === 'AWS::NoValue') return noValue;
  return located(path, () => meaning.ref(argument));
}

function join(argument: unknown, meaning: Meaning, path: string): string {
  const [separator, list] = argumentsOf(argument, 2, path);
  return listOf(list, meaning, `${path}[1]`).join(textOf(separator, meaning, `${path}[0]`));
}

function select(argument: unknown, meaning: Meaning, path: string): unknown {
  const [indexArgument, list] = argumentsOf(argument, 2, path);
  const index = Number(textOf(indexArgument, meaning, `${path}[0]`));
  const elements = resolveNode(list, meaning, `${path}[1]`);
  if (!Array.isArray(elements)) throw new Error(`${path}[1]: wants a list`);
  if (!Number.isInteger(index) || index < 0 || index >= elements.length) {
    throw new Error(`${path}: there is no element ${String(indexArgument)} in a list of ${elements.length}`);
  }
  return elements[index];
}

function substitute(argument: unknown, meaning: Meaning, path: string): string {
  const [text, names] = subArgument(argument, path);
  return subPieces(text)
    .map((piece) => (piece.kind === 'text' ? piece.text : named(piece.name, names, meaning, path)))
    .join('');
}

function named(name: string, names: JsonObject, meaning: Meaning, path: string): string {
  if (Object.hasOwn(names, name)) return textOf(names[name], meaning, `${path}.${name}`);
  const call = name.includes('.') ? { 'Fn::GetAtt': name } : { Ref: name };
  return textOf(call, meaning, path);
}

function argumentsOf(argument: unknown, count: number, path: string): readonly unknown[] {
  if (Array.isArray(argument) && argument.length === count) return argument;
  throw new Error(`${path}: wants a list of ${count} arguments`);
}

function listOf(list: unknown, meaning: Meaning, path: string): string[] {
  const resolved = resolveNode(list, meaning, path);
  if (!Array.isArray(resolved)) throw new Error(`${path}: wants a list`);
  return resolved.map((element, index) => asText(element, `${path}[${index}]`));
}

function textOf(value: unknown, meaning: Meaning, path: string): string {
  return asText(resolveNode(value, meaning, path), path);
}

function asText(value: unknown, path: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new Error(`${path}: wants a text, not ${value === noValue ? 'AWS::NoValue' : JSON.stringify(value)}`);
}

/** Says where a name stands that has no meaning. */
function located<T>(path: string, look: () => T): T {
  try {
    return look();
  } catch (cause) {
    throw new Error(`${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

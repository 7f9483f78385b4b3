/** A JSON object that is neither an array nor null. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The call of an intrinsic function: `{ "Fn::Join": [...] }` is `{ name: 'Fn::Join', argument: [...] }`. */
export interface Intrinsic {
  readonly name: string;
  readonly argument: unknown;
}

/**
 * The intrinsic that an object stands for, if it stands for one.
 *
 * @throws Error when an intrinsic has neighbours: CloudFormation has no meaning for that
 */
export function intrinsicOf(value: JsonObject, path: string): Intrinsic | undefined {
  const keys = Object.keys(value);
  const name = keys.find(isIntrinsicName);
  if (name === undefined) return undefined;
  if (keys.length > 1) throw new Error(`${path}: ${name} stands beside other keys (${keys.join(', ')})`);
  return { name, argument: value[name] };
}

export function isIntrinsicName(key: string): boolean {
  return key === 'Ref' || key.startsWith('Fn::');
}

/** `Fn::GetAtt` in both its forms, split at the first dot: attributes may have dots of their own. */
export function attributeReference(argument: unknown, path: string): readonly [logicalId: string, attribute: string] {
  const text =
    Array.isArray(argument) && argument.every((part) => typeof part === 'string') ? argument.join('.') : argument;
  if (typeof text === 'string') {
    const dot = text.indexOf('.');
    if (dot > 0) return [text.slice(0, dot), text.slice(dot + 1)];
  }
  throw new Error(`${path}: Fn::GetAtt wants a logical id and an attribute, not ${JSON.stringify(argument)}`);
}

/** A piece of the text of `Fn::Sub`. */
export type SubPiece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'name'; readonly name: string };

/** `${!Name}` is the text `${Name}`; `${Name}` and `${Name.Attribute}` are references. */
export function subPieces(text: string): SubPiece[] {
  const pieces: SubPiece[] = [];
  let end = 0;
  for (const match of text.matchAll(/\$\{(!?)([^}]*)\}/g)) {
    const [whole, literal, name = ''] = match;
    pieces.push({ kind: 'text', text: text.slice(end, match.index) });
    pieces.push(literal === '!' ? { kind: 'text', text: `\${${name}}` } : { kind: 'name', name: name.trim() });
    end = match.index + whole.length;
  }
  pieces.push({ kind: 'text', text: text.slice(end) });
  return pieces;
}

/** `Fn::Sub` in both its forms: the text, and the names that it defines itself. */
export function subArgument(argument: unknown, path: string): readonly [text: string, names: JsonObject] {
  if (typeof argument === 'string') return [argument, {}];
  if (Array.isArray(argument) && argument.length === 2) {
    const [text, names]: unknown[] = argument;
    if (typeof text === 'string' && isObject(names)) return [text, names];
  }
  throw new Error(`${path}: Fn::Sub wants a text, or a text and its names`);
}

/** Every name that a value refers to: logical ids and parameters, pseudo parameters too. */
export function referencesIn(value: unknown, path: string): Set<string> {
  const found = new Set<string>();

  function visit(node: unknown, at: string): void {
    if (Array.isArray(node)) {
      node.forEach((element, index) => {
        visit(element, `${at}[${index}]`);
      });
      return;
    }
    if (!isObject(node)) return;
    const call = intrinsicOf(node, at);
    if (call?.name === 'Ref' && typeof call.argument === 'string') found.add(call.argument);
    else if (call?.name === 'Fn::GetAtt') found.add(attributeReference(call.argument, at)[0]);
    else if (call?.name === 'Fn::Sub') visitSub(call.argument, at);
    else for (const [key, member] of Object.entries(node)) visit(member, `${at}.${key}`);
  }

  function visitSub(argument: unknown, at: string): void {
    const [text, names] = subArgument(argument, at);
    visit(names, at);
    for (const piece of subPieces(text)) {
      if (piece.kind === 'name' && !Object.hasOwn(names, piece.name)) found.add(piece.name.split('.')[0] ?? piece.name);
    }
  }

  visit(value, path);
  return found;
}

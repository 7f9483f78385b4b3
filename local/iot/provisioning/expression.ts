type Result = string | readonly Result[];

export interface Scope {
  readonly parameters: ReadonlyMap<string, string>;
  readonly mappings: Mappings;
}

export type Mappings = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>>;

/** An expression that was understood; evaluating it can still fail on its values, with a `TemplateError`. */
export type Expression = (scope: Scope) => Result;

/** Why a template, or a value in it, cannot be used. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}

interface TemplateFunction {
  readonly arguments: number;
  apply(values: readonly Result[], scope: Scope): Result;
}

const functions: ReadonlyMap<string, TemplateFunction> = new Map([
  ['Fn::Join', { arguments: 2, apply: ([separator, items]) => list(items).map(text).join(text(separator)) }],
  ['Fn::Select', { arguments: 2, apply: ([index, items]) => select(text(index), list(items)) }],
  ['Fn::Split', { arguments: 2, apply: ([separator, whole]) => text(whole).split(text(separator)) }],
  [
    'Fn::FindInMap',
    { arguments: 3, apply: ([map, row, column], { mappings }) => find(mappings, text(map), text(row), text(column)) },
  ],
] satisfies [string, TemplateFunction][]);

/**
 * Understands an expression of a provisioning template: a text, a list, or one of the six functions that
 * AWS IoT offers there.
 *
 * @param names the parameters that may be referred to
 * @param where names the place in errors
 */
export function compile(value: unknown, names: ReadonlySet<string>, where: string): Expression {
  if (typeof value === 'string') return () => value;
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => compile(item, names, where));
    return (scope) => items.map((item) => item(scope));
  }
  const [entry, ...others] = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  if (entry === undefined || others.length > 0) throw new TemplateError(`${where} is neither a text nor a function`);
  const [name, argument]: [string, unknown] = entry;
  if (name === 'Ref') return reference(argument, names, where);
  if (name === 'Fn::Sub') return substitution(argument, names, where);
  const known = functions.get(name);
  if (known === undefined) throw new TemplateError(`${where}: the function ${name} is not known`);
  if (!Array.isArray(argument) || argument.length !== known.arguments) {
    throw new TemplateError(`${where}: ${name} takes ${known.arguments} arguments`);
  }
  const inputs = argument.map((each: unknown) => compile(typeof each === 'number' ? `${each}` : each, names, where));
  return (scope) =>
    known.apply(
      inputs.map((input) => input(scope)),
      scope,
    );
}

/** The value of an expression that must give a text. */
export function text(value: Result | undefined): string {
  if (typeof value !== 'string') throw new TemplateError('A list stands where a text is wanted');
  return value;
}

/** The value of an expression that must give a list of texts. */
export function texts(value: Result): readonly string[] {
  return list(value).map(text);
}

function list(value: Result | undefined): readonly Result[] {
  if (value === undefined || typeof value === 'string') throw new TemplateError('A text stands where a list is wanted');
  return value;
}

function select(index: string, items: readonly Result[]): Result {
  const item = /^\d+$/.test(index) ? items[Number(index)] : undefined;
  if (item === undefined) throw new TemplateError(`Fn::Select: there is no item ${index}`);
  return item;
}

function find(mappings: Mappings, map: string, row: string, column: string): string {
  const value = own(own(own(mappings, map), row), column);
  if (value === undefined) throw new TemplateError(`Fn::FindInMap: ${map} has no ${row}/${column}`);
  return value;
}

function own<T>(object: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return object !== undefined && Object.hasOwn(object, key) ? object[key] : undefined;
}

function reference(name: unknown, names: ReadonlySet<string>, where: string): Expression {
  if (typeof name !== 'string' || !names.has(name)) {
    throw new TemplateError(`${where}: ${JSON.stringify(name)} is no parameter of the template`);
  }
  return ({ parameters }) => {
    const value = parameters.get(name);
    if (value === undefined) throw new TemplateError(`The parameter ${name} has no value`);
    return value;
  };
}

/** `Fn::Sub`: a text with `${name}` in it, alone or followed by an object with names of its own. */
function substitution(argument: unknown, names: ReadonlySet<string>, where: string): Expression {
  const [pattern, variables = {}, ...rest]: readonly unknown[] = Array.isArray(argument) ? argument : [argument];
  if (typeof pattern !== 'string' || typeof variables !== 'object' || variables === null || rest.length > 0) {
    throw new TemplateError(`${where}: Fn::Sub takes a text, or a text and an object`);
  }
  const local = new Map(Object.entries(variables).map(([name, value]) => [name, compile(value, names, where)]));
  // Odd pieces are what stood between `${` and `}`; `${!name}` stands for the text `${name}`.
  const pieces = pattern.split(/\$\{([^}]*)\}/).map((piece, at): Expression => {
    if (at % 2 === 0) return () => piece;
    if (piece.startsWith('!')) return () => `\${${piece.slice(1)}}`;
    return local.get(piece) ?? reference(piece, names, where);
  });
  return (scope) => pieces.map((piece) => text(piece(scope))).join('');
}

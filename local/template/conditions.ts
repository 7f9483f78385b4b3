import { intrinsicOf, isObject } from './intrinsics.ts';
import { type Meaning, resolve } from './resolver.ts';

/** The `Conditions` of a template, each evaluated once, when it is first asked for. */
export class Conditions {
  readonly #definitions: Readonly<Record<string, unknown>>;
  readonly #stackName: string;
  readonly #known = new Map<string, boolean | 'evaluating'>();

  constructor(definitions: Readonly<Record<string, unknown>>, stackName: string) {
    this.#definitions = definitions;
    this.#stackName = stackName;
  }

  holds(name: string, meaning: Meaning): boolean {
    const known = this.#known.get(name);
    const path = `${this.#stackName}/Conditions.${name}`;
    if (known === 'evaluating') throw new Error(`${path} depends on itself`);
    if (known !== undefined) return known;
    if (!Object.hasOwn(this.#definitions, name)) throw new Error(`${path} does not exist`);
    this.#known.set(name, 'evaluating');
    const holds = this.#evaluate(this.#definitions[name], meaning, path);
    this.#known.set(name, holds);
    return holds;
  }

  #evaluate(expression: unknown, meaning: Meaning, path: string): boolean {
    if (!isObject(expression)) throw new Error(`${path}: wants a condition function`);
    const { Condition: name } = expression;
    if (typeof name === 'string' && Object.keys(expression).length === 1) return this.holds(name, meaning);
    const call = intrinsicOf(expression, path);
    const parts: unknown[] = Array.isArray(call?.argument) ? call.argument : [];
    const wanted = (fits: boolean): void => {
      if (!fits) throw new Error(`${path}: ${call?.name} has a wrong number of arguments`);
    };
    switch (call?.name) {
      case 'Fn::Equals': {
        wanted(parts.length === 2);
        const [left, right] = parts.map((part) => comparable(resolve(part, meaning, path)));
        return left === right;
      }
      case 'Fn::And':
        wanted(parts.length >= 2 && parts.length <= 10);
        return parts.map((part) => this.#evaluate(part, meaning, path)).every(Boolean);
      case 'Fn::Or':
        wanted(parts.length >= 2 && parts.length <= 10);
        return parts.map((part) => this.#evaluate(part, meaning, path)).some(Boolean);
      case 'Fn::Not':
        wanted(parts.length === 1);
        return !this.#evaluate(parts[0], meaning, path);
      default:
        throw new Error(`${path}: the local cloud does not know ${call?.name ?? JSON.stringify(expression)}`);
    }
  }
}

/** CloudFormation compares texts: the number 3 equals the parameter '3'. */
function comparable(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

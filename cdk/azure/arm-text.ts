import { z } from 'zod';

/** `[…]`: an expression that the Resource Manager works out. Source: "Template functions". */
const expression = /^\[(?!\[).+\]$/;

/** Text of a shape, or an expression that leads to one. */
export function armText(shape: RegExp): z.ZodType<string> {
  return z
    .string()
    .refine((text) => expression.test(text) || shape.test(text), { error: `must match ${shape.source}, or be [...]` });
}

/** A whole resource's id, which only the Resource Manager can know. */
export const armExpression = z.string().regex(expression, 'must be an expression: [...]');

/** `[resourceId('type', 'name', …)]`. Its one author: what depends on a resource says the same text as the resource. */
export function resourceId(type: string, ...names: readonly string[]): string {
  return `[resourceId(${[quoted(type), ...names.map(inner)].join(', ')})]`;
}

/** What can stand within another expression: an expression without its brackets, text within quotes. */
export function inner(text: string): string {
  return expression.test(text) ? text.slice(1, -1) : quoted(text);
}

export function joined(...parts: readonly string[]): string {
  return `[concat(${parts.map(inner).join(', ')})]`;
}

export function parameter(name: string): string {
  return `[parameters('${name}')]`;
}

export function variable(name: string): string {
  return `[variables('${name}')]`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/**
 * Every resource has these; what it has beside them, each kind says. Unknown members are refused: the service would
 * ignore some of them, and nobody would notice.
 */
export function armResource<Type extends string, Version extends string, Shape extends z.core.$ZodLooseShape>(
  type: Type,
  apiVersion: Version,
  shape: Shape,
) {
  return z.strictObject({
    type: z.literal(type),
    apiVersion: z.literal(apiVersion),
    dependsOn: z.array(armExpression).optional(),
    ...shape,
  });
}

/** What is no use of the service, but against the rules of this house. */
export function always<const Value extends string | boolean>(value: Value, because: string): z.ZodLiteral<Value> {
  return z.literal(value, { error: `must be ${JSON.stringify(value)}: ${because}` });
}

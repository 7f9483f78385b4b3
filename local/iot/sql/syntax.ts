import type { SqlFunction } from './sql-function.ts';

export type BinaryOperator = 'AND' | 'OR' | '=' | '<>' | '<' | '<=' | '>' | '>=' | '+' | '-' | '*' | '/' | '%';

export type CastType = 'string' | 'int' | 'decimal' | 'boolean';

export type Expression =
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
  /** A member of the payload, or of the element in a subselect. */
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'member'; readonly of: Expression; readonly name: string }
  | { readonly kind: 'object'; readonly members: readonly (readonly [string, Expression])[] }
  | { readonly kind: 'array'; readonly elements: readonly Expression[] }
  | { readonly kind: 'not'; readonly operand: Expression }
  | { readonly kind: 'negative'; readonly operand: Expression }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: 'call'; readonly function: SqlFunction; readonly arguments: readonly Expression[] }
  | { readonly kind: 'cast'; readonly operand: Expression; readonly type: CastType }
  /** `encode(*, 'base64')`: the bytes as they came, whatever they are. */
  | { readonly kind: 'encoded-payload' }
  | {
      readonly kind: 'case';
      readonly subject: Expression;
      readonly branches: readonly { readonly when: Expression; readonly result: Expression }[];
      readonly otherwise: Expression | undefined;
    }
  | { readonly kind: 'subselect'; readonly select: Selection; readonly from: Expression; readonly where: Where };

export type Where = Expression | undefined;

export type Selection =
  | { readonly kind: 'value'; readonly value: Expression }
  | { readonly kind: 'items'; readonly everything: boolean; readonly items: readonly SelectedItem[] };

export interface SelectedItem {
  readonly expression: Expression;
  /** `AS a.b` makes an object in an object. */
  readonly name: readonly string[];
}

export interface Statement {
  readonly select: Selection;
  /** Absent in rules that only serve Basic Ingest. */
  readonly from: string | undefined;
  readonly where: Where;
}

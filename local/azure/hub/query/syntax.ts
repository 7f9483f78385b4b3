export type Comparison = '=' | '!=' | '<' | '>' | '<=' | '>=';
export type Arithmetic = '+' | '-' | '*' | '/' | '%';
type Primitive = string | number | boolean | null;

export type Expression =
  | { readonly kind: 'literal'; readonly value: Primitive }
  | { readonly kind: 'path'; readonly path: readonly string[] }
  | { readonly kind: 'compare'; readonly by: Comparison; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'arithmetic'; readonly by: Arithmetic; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'not'; readonly inner: Expression }
  | { readonly kind: 'in'; readonly value: Expression; readonly list: readonly Primitive[]; readonly negated: boolean }
  | { readonly kind: 'isDefined'; readonly path: readonly string[] };

export type Aggregate = 'COUNT' | 'AVG' | 'SUM' | 'MIN' | 'MAX';

export type Selected =
  | { readonly kind: 'path'; readonly path: readonly string[]; readonly name: string }
  | {
      readonly kind: 'aggregate';
      readonly aggregate: Aggregate;
      /** COUNT needs none. */
      readonly path: readonly string[] | undefined;
      readonly name: string;
    };

export interface Query {
  readonly top: number | undefined;
  /** Undefined: everything. */
  readonly selected: readonly Selected[] | undefined;
  readonly from: 'devices' | 'devices.jobs';
  readonly where: Expression | undefined;
  readonly groupBy: readonly (readonly string[])[];
}

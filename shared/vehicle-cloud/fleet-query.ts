/** What may be asked of a fleet in a device cloud: small enough for every one of them. */
export type FleetQuery =
  | { readonly kind: 'eq'; readonly field: FleetField; readonly value: FleetValue }
  | { readonly kind: 'in'; readonly field: FleetField; readonly values: readonly FleetValue[] }
  | { readonly kind: 'exists'; readonly field: FleetField }
  | {
      readonly kind: 'compare';
      readonly field: FleetField;
      readonly by: '<' | '<=' | '>' | '>=';
      readonly value: number | string;
    }
  | { readonly kind: 'and'; readonly all: readonly FleetQuery[] }
  | { readonly kind: 'not'; readonly query: FleetQuery };

export type FleetValue = string | number | boolean;

/** `vehicle`: what the platform says of it. The others: a path of keys in the settings of one twin. */
export type FleetField =
  | { readonly of: 'vehicle'; readonly name: 'vehicleId' | 'brand' | 'market' | 'connected' }
  | { readonly of: 'desired' | 'reported'; readonly twin: string; readonly path: readonly string[] };

export function eq(field: FleetField, value: FleetValue): FleetQuery {
  return { kind: 'eq', field, value };
}

export function isIn(field: FleetField, values: readonly FleetValue[]): FleetQuery {
  return { kind: 'in', field, values };
}

export function exists(field: FleetField): FleetQuery {
  return { kind: 'exists', field };
}

export function compare(field: FleetField, by: '<' | '<=' | '>' | '>=', value: number | string): FleetQuery {
  return { kind: 'compare', field, by, value };
}

export function and(...all: readonly FleetQuery[]): FleetQuery {
  return { kind: 'and', all };
}

export function not(query: FleetQuery): FleetQuery {
  return { kind: 'not', query };
}

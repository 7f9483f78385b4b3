import type { FleetField, FleetQuery, FleetValue } from '#shared/vehicle-cloud/fleet-query.ts';

/** The query as IoT Hub's language has it: `WHERE` of a selection from devices. */
export function conditionOf(query: FleetQuery): string {
  switch (query.kind) {
    case 'eq':
      return equals(query.field, query.value);
    case 'in':
      // An empty list is nobody; the language has no way to say so but a contradiction.
      if (query.values.length === 0) return 'IS_DEFINED(deviceId) AND NOT IS_DEFINED(deviceId)';
      return `${pathOf(query.field)} IN [${query.values.map((value) => literal(said(query.field, value))).join(', ')}]`;
    case 'exists':
      return `IS_DEFINED(${pathOf(query.field)})`;
    case 'compare':
      return `${pathOf(query.field)} ${query.by} ${literal(query.value)}`;
    case 'and':
      return query.all.length === 0
        ? 'IS_DEFINED(deviceId)'
        : query.all.map((each) => `(${conditionOf(each)})`).join(' AND ');
    case 'not':
      return `NOT (${conditionOf(query.query)})`;
  }
}

function equals(field: FleetField, value: FleetValue): string {
  return `${pathOf(field)} = ${literal(said(field, value))}`;
}

function pathOf(field: FleetField): string {
  if (field.of !== 'vehicle') return ['properties', field.of, field.twin, ...field.path].map(name).join('.');
  switch (field.name) {
    case 'vehicleId':
      return 'deviceId';
    case 'connected':
      return 'connectionState';
    case 'brand':
    case 'market':
      return `tags.${field.name}`;
  }
}

function said(field: FleetField, value: FleetValue): FleetValue {
  if (field.of !== 'vehicle' || field.name !== 'connected') return value;
  return value === true ? 'Connected' : 'Disconnected';
}

function literal(value: FleetValue): string {
  if (typeof value !== 'string') return String(value);
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

const words = /^(?:select|from|where|group|by|top|as|and|or|not|in|nin|true|false|null)$/i;

/** What is no plain word, or is one of the language's own, stands in double brackets. */
function name(part: string): string {
  return /^[A-Za-z_]\w*$/.test(part) && !words.test(part) ? part : `[[${part}]]`;
}

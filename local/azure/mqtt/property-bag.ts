/** Names of the wire on the left, names of the service on the right ("Communicate with an IoT hub by MQTT"). */
const systemNames: Readonly<Record<string, string>> = {
  '$.mid': 'message-id',
  '$.cid': 'correlation-id',
  '$.uid': 'user-id',
  '$.ct': 'content-type',
  '$.ce': 'content-encoding',
  '$.to': 'to',
  '$.exp': 'absolute-expiry-time',
  '$.ctime': 'iothub-creation-time-utc',
  '$.on': 'iothub-outputname',
  '$.sub': 'dt-subject',
  '$.ifid': 'iothub-interface-id',
};

/** What a message says of itself beside its body. */
export interface PropertyBag {
  readonly properties: Readonly<Record<string, string>>;
  /** By the service's names: `message-id`, `content-type`. */
  readonly system: Readonly<Record<string, string>>;
}

/** The last part of a topic. Undefined when it is not URL-encoded properly, or holds a name of the service twice. */
export function parsePropertyBag(text: string): PropertyBag | undefined {
  const properties: Record<string, string> = {};
  const system: Record<string, string> = {};
  for (const pair of text.replace(/^\?/, '').split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decoded(equals < 0 ? pair : pair.slice(0, equals));
    const value = decoded(equals < 0 ? '' : pair.slice(equals + 1));
    if (name === undefined || name === '' || value === undefined) return undefined;
    const known = systemNames[name];
    if (known === undefined && name.startsWith('$.')) continue; // of a newer device: the service ignores it
    const target = known === undefined ? properties : system;
    const key = known ?? name;
    if (key in target) return undefined;
    target[key] = value;
  }
  return { properties, system };
}

export function writePropertyBag({ properties, system }: PropertyBag): string {
  const wireNames = Object.fromEntries(Object.entries(systemNames).map(([wire, name]) => [name, wire]));
  const pairs = [
    ...Object.entries(system).flatMap(([name, value]) => {
      const wire = wireNames[name];
      return wire === undefined ? [] : [[wire, value] as const];
    }),
    ...Object.entries(properties),
  ];
  return pairs.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&');
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

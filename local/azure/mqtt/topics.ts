import { type PropertyBag, parsePropertyBag, writePropertyBag } from './property-bag.ts';

/** What a device may publish to its hub; there are no other topics. */
export type DevicePublication =
  | ({ readonly kind: 'event' } & PropertyBag)
  | { readonly kind: 'twin-get'; readonly rid: string }
  | { readonly kind: 'twin-report'; readonly rid: string }
  | { readonly kind: 'method-answer'; readonly rid: string; readonly status: number };

/** What a device may subscribe to. */
export const subscriptionKinds = ['devicebound', 'methods', 'twin-answers', 'desired'] as const;
export type SubscriptionKind = (typeof subscriptionKinds)[number];

/** Undefined: there is no such topic for this device, and the connection ends for it. */
export function readPublication(topic: string, deviceId: string): DevicePublication | undefined {
  const events = `devices/${deviceId}/messages/events`;
  if (topic === events || topic.startsWith(`${events}/`)) {
    const bag = parsePropertyBag(topic.slice(events.length + 1));
    return bag && { kind: 'event', ...bag };
  }
  const [, path = '', query = ''] = /^\$iothub\/(.*)\/\?(.*)$/.exec(topic) ?? [];
  // As it stands: the device gets it back and compares.
  const [, rid] = /(?:^|&)\$rid=([^&]+)/.exec(query) ?? [];
  if (rid === undefined) return undefined;
  if (path === 'twin/GET') return { kind: 'twin-get', rid };
  if (path === 'twin/PATCH/properties/reported') return { kind: 'twin-report', rid };
  const [, status] = /^methods\/res\/(-?\d{1,9})$/.exec(path) ?? [];
  return status === undefined ? undefined : { kind: 'method-answer', rid, status: Number(status) };
}

/** Undefined: nobody may subscribe to this, or not this device. */
export function readSubscription(filter: string, deviceId: string): SubscriptionKind | undefined {
  switch (filter) {
    case `devices/${deviceId}/messages/devicebound/#`:
    case `devices/${deviceId}/messages/devicebound`:
      return 'devicebound';
    case '$iothub/methods/POST/#':
      return 'methods';
    case '$iothub/twin/res/#':
      return 'twin-answers';
    case '$iothub/twin/PATCH/properties/desired/#':
      return 'desired';
    default:
      return undefined;
  }
}

export const deviceTopics = {
  twinAnswer: (status: number, rid: string, version?: number) =>
    `$iothub/twin/res/${status}/?$rid=${rid}${version === undefined ? '' : `&$version=${version}`}`,
  desired: (version: number) => `$iothub/twin/PATCH/properties/desired/?$version=${version}`,
  method: (name: string, rid: string) => `$iothub/methods/POST/${name}/?$rid=${rid}`,
  devicebound: (deviceId: string, bag: PropertyBag) =>
    `devices/${deviceId}/messages/devicebound/${writePropertyBag(bag)}`,
} as const;

import { z } from 'zod';
import { invalidRequest } from '../errors.ts';
import type { ThingRecord } from '../records.ts';
import type { Registry } from '../registry.ts';
import { answer, done, type RestCall, type Route } from '../rest.ts';

const attributes = z.record(z.string(), z.string());

const createThing = z.strictObject({
  thingTypeName: z.string().optional(),
  attributePayload: z.strictObject({ attributes: attributes.optional(), merge: z.boolean().optional() }).optional(),
});

const updateThing = createThing.extend({
  expectedVersion: z.number().int().optional(),
  removeThingType: z.boolean().optional(),
});

export function thingRoutes(registry: Registry): readonly Route[] {
  const { things, arns } = registry;
  const name = (call: RestCall) => call.parameter('thingName');
  const on = (action: string, call: RestCall) => [{ action: `iot:${action}`, resource: arns.thing(name(call)) }];
  const identity = (thing: ThingRecord) => ({
    thingName: thing.thingName,
    thingArn: arns.thing(thing.thingName),
    thingId: thing.thingId,
  });
  const listed = (thing: ThingRecord) => ({
    thingName: thing.thingName,
    ...(thing.thingTypeName === undefined ? {} : { thingTypeName: thing.thingTypeName }),
    thingArn: arns.thing(thing.thingName),
    attributes: thing.attributes,
    version: thing.version,
  });

  return [
    {
      name: 'CreateThing',
      method: 'POST',
      path: '/things/{thingName}',
      understand(call) {
        const { thingTypeName, attributePayload } = call.json(createThing);
        const thing = { thingName: name(call), thingTypeName, attributes: attributePayload?.attributes };
        return { permissions: on('CreateThing', call), run: () => answer(identity(things.create(thing))) };
      },
    },
    {
      name: 'DescribeThing',
      method: 'GET',
      path: '/things/{thingName}',
      understand: (call) => ({
        permissions: on('DescribeThing', call),
        run() {
          const thing = things.get(name(call));
          return answer({ defaultClientId: thing.thingName, ...identity(thing), ...listed(thing) });
        },
      }),
    },
    {
      name: 'UpdateThing',
      method: 'PATCH',
      path: '/things/{thingName}',
      understand(call) {
        const { attributePayload, ...change } = call.json(updateThing);
        return {
          permissions: on('UpdateThing', call),
          run() {
            things.update(name(call), { ...change, ...attributePayload });
            return done();
          },
        };
      },
    },
    {
      name: 'DeleteThing',
      method: 'DELETE',
      path: '/things/{thingName}',
      query: ['expectedVersion'],
      understand(call) {
        const expectedVersion = call.integer('expectedVersion', 0, Number.MAX_SAFE_INTEGER);
        return {
          permissions: on('DeleteThing', call),
          run() {
            things.delete(name(call), expectedVersion);
            return done();
          },
        };
      },
    },
    {
      name: 'ListThings',
      method: 'GET',
      path: '/things',
      query: ['maxResults', 'nextToken', 'attributeName', 'attributeValue', 'usePrefixAttributeValue', 'thingTypeName'],
      understand(call) {
        const wanted = filterOf(call);
        return {
          permissions: [{ action: 'iot:ListThings', resource: '*' }],
          run() {
            const { items, next } = call.page(things.list().filter(wanted), (thing) => thing.thingName);
            return answer({ things: items.map(listed), ...next });
          },
        };
      },
    },
  ];
}

function filterOf(call: RestCall): (thing: ThingRecord) => boolean {
  const [attribute, value, type] = ['attributeName', 'attributeValue', 'thingTypeName'].map((key) => call.query(key));
  const prefix = call.flag('usePrefixAttributeValue');
  return ({ attributes: given, thingTypeName }) => {
    if (type !== undefined && thingTypeName !== type) return false;
    if (attribute === undefined) return true;
    const found = Object.hasOwn(given, attribute) ? given[attribute] : undefined;
    if (found === undefined || value === undefined) return found !== undefined;
    return prefix ? found.startsWith(value) : found === value;
  };
}

/** Certificates attached to things. IAM knows the certificate as the resource, the thing as a condition key. */
export function thingPrincipalRoutes(registry: Registry): readonly Route[] {
  const { things, arns } = registry;
  const name = (call: RestCall) => call.parameter('thingName');
  const certificateOf = (principal: string | undefined): string => {
    const certificateId = principal === undefined ? undefined : arns.certificateIdIn(principal);
    if (certificateId === undefined) throw invalidRequest('x-amzn-principal is the ARN of a certificate.');
    return certificateId;
  };
  const change = (
    operation: string,
    method: 'PUT' | 'DELETE',
    run: (thingName: string, certificateId: string) => void,
  ): Route => ({
    name: operation,
    method,
    path: '/things/{thingName}/principals',
    understand(call) {
      const certificateId = certificateOf(call.header('x-amzn-principal'));
      const context = { 'iot:thingArn': arns.thing(name(call)) };
      return {
        permissions: [{ action: `iot:${operation}`, resource: arns.certificate(certificateId), context }],
        run() {
          run(name(call), certificateId);
          return done();
        },
      };
    },
  });

  return [
    change('AttachThingPrincipal', 'PUT', (thingName, certificateId) => things.attach(thingName, certificateId)),
    change('DetachThingPrincipal', 'DELETE', (thingName, certificateId) => things.detach(thingName, certificateId)),
    {
      name: 'ListThingPrincipals',
      method: 'GET',
      path: '/things/{thingName}/principals',
      query: ['maxResults', 'nextToken'],
      understand: (call) => ({
        permissions: [{ action: 'iot:ListThingPrincipals', resource: arns.thing(name(call)) }],
        run() {
          things.get(name(call));
          const { items, next } = call.page(things.principalsOf(name(call)), (id) => id);
          return answer({ principals: items.map((id) => arns.certificate(id)), ...next });
        },
      }),
    },
    {
      name: 'ListPrincipalThings',
      method: 'GET',
      path: '/principals/things',
      query: ['maxResults', 'nextToken'],
      understand(call) {
        const certificateId = certificateOf(call.header('x-amzn-principal'));
        return {
          permissions: [{ action: 'iot:ListPrincipalThings', resource: '*' }],
          run() {
            const { items, next } = call.page(things.thingsOf(certificateId), (thing) => thing);
            return answer({ things: items, ...next });
          },
        };
      },
    },
  ];
}

import { z } from 'zod';
import type { ThingTypeRecord } from '../records.ts';
import type { Registry } from '../registry.ts';
import { answer, done, type RestCall, type Route, seconds } from '../rest.ts';

const createThingType = z.strictObject({
  thingTypeProperties: z
    .strictObject({
      thingTypeDescription: z.string().optional(),
      searchableAttributes: z.array(z.string()).optional(),
    })
    .optional(),
});

const deprecateThingType = z.strictObject({ undoDeprecate: z.boolean().optional() });

export function thingTypeRoutes({ thingTypes, arns }: Registry): readonly Route[] {
  const name = (call: RestCall) => call.parameter('thingTypeName');
  const on = (action: string, call: RestCall) => [{ action: `iot:${action}`, resource: arns.thingType(name(call)) }];
  const identity = (type: ThingTypeRecord) => ({
    thingTypeName: type.thingTypeName,
    thingTypeArn: arns.thingType(type.thingTypeName),
  });
  const described = (type: ThingTypeRecord) => ({
    ...identity(type),
    thingTypeProperties: {
      ...(type.description === undefined ? {} : { thingTypeDescription: type.description }),
      searchableAttributes: type.searchableAttributes,
    },
    thingTypeMetadata: {
      deprecated: type.deprecatedAt !== undefined,
      ...(type.deprecatedAt === undefined ? {} : { deprecationDate: seconds(type.deprecatedAt) }),
      creationDate: seconds(type.createdAt),
    },
  });

  return [
    {
      name: 'CreateThingType',
      method: 'POST',
      path: '/thing-types/{thingTypeName}',
      understand(call) {
        const { thingTypeProperties } = call.json(createThingType);
        return {
          permissions: on('CreateThingType', call),
          run() {
            const type = thingTypes.create({
              thingTypeName: name(call),
              description: thingTypeProperties?.thingTypeDescription,
              searchableAttributes: thingTypeProperties?.searchableAttributes,
            });
            return answer({ ...identity(type), thingTypeId: type.thingTypeId });
          },
        };
      },
    },
    {
      name: 'DescribeThingType',
      method: 'GET',
      path: '/thing-types/{thingTypeName}',
      understand: (call) => ({
        permissions: on('DescribeThingType', call),
        run() {
          const type = thingTypes.get(name(call));
          return answer({ ...described(type), thingTypeId: type.thingTypeId });
        },
      }),
    },
    {
      name: 'ListThingTypes',
      method: 'GET',
      path: '/thing-types',
      query: ['maxResults', 'nextToken', 'thingTypeName'],
      understand: (call) => ({
        permissions: [{ action: 'iot:ListThingTypes', resource: '*' }],
        run() {
          const wanted = call.query('thingTypeName');
          const types = thingTypes.list().filter((type) => wanted === undefined || type.thingTypeName === wanted);
          const { items, next } = call.page(types, (type) => type.thingTypeName);
          return answer({ thingTypes: items.map(described), ...next });
        },
      }),
    },
    {
      name: 'DeprecateThingType',
      method: 'POST',
      path: '/thing-types/{thingTypeName}/deprecate',
      understand(call) {
        const { undoDeprecate = false } = call.json(deprecateThingType);
        return {
          permissions: on('DeprecateThingType', call),
          run() {
            thingTypes.deprecate(name(call), undoDeprecate);
            return done();
          },
        };
      },
    },
    {
      name: 'DeleteThingType',
      method: 'DELETE',
      path: '/thing-types/{thingTypeName}',
      understand: (call) => ({
        permissions: on('DeleteThingType', call),
        run() {
          thingTypes.delete(name(call));
          return done();
        },
      }),
    },
  ];
}

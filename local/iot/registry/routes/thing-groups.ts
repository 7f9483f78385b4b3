import { z } from 'zod';
import { invalidRequest } from '../errors.ts';
import type { ThingGroupRecord } from '../records.ts';
import type { Registry } from '../registry.ts';
import { answer, done, type RestCall, type Route, seconds } from '../rest.ts';

const properties = z.strictObject({
  thingGroupDescription: z.string().optional(),
  attributePayload: z.strictObject({ attributes: z.record(z.string(), z.string()).optional() }).optional(),
});

const createThingGroup = z.strictObject({
  parentGroupName: z.string().optional(),
  thingGroupProperties: properties.optional(),
});

const updateThingGroup = z.strictObject({
  thingGroupProperties: properties,
  expectedVersion: z.number().int().optional(),
});

const membership = z.strictObject({
  thingGroupName: z.string().optional(),
  thingGroupArn: z.string().optional(),
  thingName: z.string().optional(),
  thingArn: z.string().optional(),
});

export function thingGroupRoutes(registry: Registry): readonly Route[] {
  const { thingGroups, arns } = registry;
  const name = (call: RestCall) => call.parameter('thingGroupName');
  const on = (action: string, call: RestCall) => [{ action: `iot:${action}`, resource: arns.thingGroup(name(call)) }];
  const identity = (group: ThingGroupRecord) => ({
    thingGroupName: group.thingGroupName,
    thingGroupArn: arns.thingGroup(group.thingGroupName),
    thingGroupId: group.thingGroupId,
  });
  const reference = (groupName: string) => ({ groupName, groupArn: arns.thingGroup(groupName) });

  return [
    {
      name: 'CreateThingGroup',
      method: 'POST',
      path: '/thing-groups/{thingGroupName}',
      understand(call) {
        const { parentGroupName, thingGroupProperties } = call.json(createThingGroup);
        const group = {
          thingGroupName: name(call),
          parentGroupName,
          description: thingGroupProperties?.thingGroupDescription,
          attributes: thingGroupProperties?.attributePayload?.attributes,
        };
        return { permissions: on('CreateThingGroup', call), run: () => answer(identity(thingGroups.create(group))) };
      },
    },
    {
      name: 'DescribeThingGroup',
      method: 'GET',
      path: '/thing-groups/{thingGroupName}',
      understand: (call) => ({
        permissions: on('DescribeThingGroup', call),
        run: () => answer(described(thingGroups.get(name(call)))),
      }),
    },
    {
      name: 'ListThingGroups',
      method: 'GET',
      path: '/thing-groups',
      query: ['maxResults', 'nextToken', 'namePrefixFilter', 'parentGroup'],
      understand: (call) => ({
        permissions: [{ action: 'iot:ListThingGroups', resource: '*' }],
        run() {
          const parent = call.query('parentGroup');
          const all = parent === undefined ? thingGroups.list() : thingGroups.children(parent);
          const prefix = call.query('namePrefixFilter') ?? '';
          const wanted = all.filter(({ thingGroupName }) => thingGroupName.startsWith(prefix));
          const { items, next } = call.page(wanted, (group) => group.thingGroupName);
          return answer({ thingGroups: items.map((group) => reference(group.thingGroupName)), ...next });
        },
      }),
    },
    {
      name: 'UpdateThingGroup',
      method: 'PATCH',
      path: '/thing-groups/{thingGroupName}',
      understand(call) {
        const { thingGroupProperties, expectedVersion } = call.json(updateThingGroup);
        const { thingGroupDescription: description, attributePayload } = thingGroupProperties;
        const change = { description, attributes: attributePayload?.attributes, expectedVersion };
        return {
          permissions: on('UpdateThingGroup', call),
          run: () => answer({ version: thingGroups.update(name(call), change).version }),
        };
      },
    },
    {
      name: 'DeleteThingGroup',
      method: 'DELETE',
      path: '/thing-groups/{thingGroupName}',
      query: ['expectedVersion'],
      understand(call) {
        const expectedVersion = call.integer('expectedVersion', 0, Number.MAX_SAFE_INTEGER);
        return {
          permissions: on('DeleteThingGroup', call),
          run() {
            thingGroups.delete(name(call), expectedVersion);
            return done();
          },
        };
      },
    },
  ];

  function described(group: ThingGroupRecord) {
    const ancestors = thingGroups.lineage(group.thingGroupName).slice(1).reverse();
    return {
      ...identity(group),
      version: group.version,
      thingGroupProperties: {
        ...(group.description === undefined ? {} : { thingGroupDescription: group.description }),
        ...(Object.keys(group.attributes).length === 0 ? {} : { attributePayload: { attributes: group.attributes } }),
      },
      thingGroupMetadata: {
        ...(group.parentGroupName === undefined ? {} : { parentGroupName: group.parentGroupName }),
        ...(ancestors.length === 0
          ? {}
          : { rootToParentThingGroups: ancestors.map(({ thingGroupName }) => reference(thingGroupName)) }),
        creationDate: seconds(group.createdAt),
      },
    };
  }
}

export function membershipRoutes(registry: Registry): readonly Route[] {
  const { thingGroups, arns } = registry;
  const change = (
    operation: string,
    path: string,
    run: (thingGroupName: string, thingName: string) => void,
    schema: z.ZodType<z.infer<typeof membership>>,
  ): Route => ({
    name: operation,
    method: 'PUT',
    path,
    understand(call) {
      const { thingGroupName, thingGroupArn, thingName, thingArn } = call.json(schema);
      const group = thingGroupName ?? arns.thingGroupIn(thingGroupArn ?? '');
      const thing = thingName ?? nameIn(thingArn);
      if (group === undefined || thing === undefined) throw invalidRequest('A thing group and a thing must be named.');
      return {
        permissions: [arns.thing(thing), arns.thingGroup(group)].map((resource) => ({
          action: `iot:${operation}`,
          resource,
        })),
        run() {
          run(group, thing);
          return done();
        },
      };
    },
  });
  const nameIn = (arn: string | undefined) => {
    const start = arns.thing('');
    return arn?.startsWith(start) ? arn.slice(start.length) : undefined;
  };

  return [
    change(
      'AddThingToThingGroup',
      '/thing-groups/addThingToThingGroup',
      (group, thing) => thingGroups.addThing(group, thing),
      membership.extend({ overrideDynamicGroups: z.literal(false).optional() }),
    ),
    change(
      'RemoveThingFromThingGroup',
      '/thing-groups/removeThingFromThingGroup',
      (group, thing) => thingGroups.removeThing(group, thing),
      membership,
    ),
    {
      name: 'ListThingsInThingGroup',
      method: 'GET',
      path: '/thing-groups/{thingGroupName}/things',
      query: ['maxResults', 'nextToken', 'recursive'],
      understand(call) {
        const group = call.parameter('thingGroupName');
        const recursive = call.flag('recursive');
        return {
          permissions: [{ action: 'iot:ListThingsInThingGroup', resource: arns.thingGroup(group) }],
          run() {
            const { items, next } = call.page(thingGroups.thingsIn(group, recursive), (thing) => thing.thingName);
            return answer({ things: items.map((thing) => thing.thingName), ...next });
          },
        };
      },
    },
    {
      name: 'ListThingGroupsForThing',
      method: 'GET',
      path: '/things/{thingName}/thing-groups',
      query: ['maxResults', 'nextToken'],
      understand(call) {
        const thing = call.parameter('thingName');
        return {
          permissions: [{ action: 'iot:ListThingGroupsForThing', resource: arns.thing(thing) }],
          run() {
            const { items, next } = call.page(thingGroups.groupsOf(thing), (group) => group);
            const groups = items.map((groupName) => ({ groupName, groupArn: arns.thingGroup(groupName) }));
            return answer({ thingGroups: groups, ...next });
          },
        };
      },
    },
  ];
}

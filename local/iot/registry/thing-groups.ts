import { alreadyExists, invalidRequest, notFound, versionConflict } from './errors.ts';
import {
  type Attributes,
  inOrder,
  type Records,
  sameAttributes,
  type ThingGroupRecord,
  type ThingRecord,
} from './records.ts';

export interface NewThingGroup {
  readonly thingGroupName: string;
  readonly parentGroupName?: string | undefined;
  readonly description?: string | undefined;
  readonly attributes?: Attributes | undefined;
}

const namePattern = /^[a-zA-Z0-9:_-]{1,128}$/;
const mostGroupsOfAThing = 10;
const deepestGroup = 7;

/** Static thing groups: a tree of groups, and things that belong to some of them. */
export class ThingGroups {
  readonly #records: Records;

  constructor(records: Records) {
    this.#records = records;
  }

  create({ thingGroupName, parentGroupName, description, attributes = {} }: NewThingGroup): ThingGroupRecord {
    if (!namePattern.test(thingGroupName)) throw invalidRequest(`"${thingGroupName}" is no valid thing group name.`);
    const known = this.#records.thingGroups.get(thingGroupName);
    if (known !== undefined) {
      const same =
        known.parentGroupName === parentGroupName &&
        known.description === description &&
        sameAttributes(known.attributes, attributes);
      if (same) return known;
      const arn = this.#records.arns.thingGroup(thingGroupName);
      throw alreadyExists(
        `Thing group ${thingGroupName} already exists with other properties.`,
        known.thingGroupId,
        arn,
      );
    }
    if (parentGroupName !== undefined && this.lineage(parentGroupName).length >= deepestGroup) {
      throw invalidRequest(`Thing groups are at most ${deepestGroup} levels deep.`);
    }
    return this.#save({
      thingGroupName,
      thingGroupId: this.#records.newId(),
      ...(parentGroupName === undefined ? {} : { parentGroupName }),
      ...(description === undefined ? {} : { description }),
      attributes,
      version: 1,
      createdAt: this.#records.clock.now(),
      policies: [],
    });
  }

  find(thingGroupName: string): ThingGroupRecord | undefined {
    return this.#records.thingGroups.get(thingGroupName);
  }

  get(thingGroupName: string): ThingGroupRecord {
    const group = this.find(thingGroupName);
    if (group === undefined) throw notFound(`Thing group ${thingGroupName} cannot be found.`);
    return group;
  }

  update(
    thingGroupName: string,
    change: {
      readonly description?: string | undefined;
      readonly attributes?: Attributes | undefined;
      readonly expectedVersion?: number | undefined;
    },
  ): ThingGroupRecord {
    const { description: _, ...rest } = this.get(thingGroupName);
    checkVersion(rest, change.expectedVersion);
    return this.#save({
      ...rest,
      ...(change.description === undefined ? {} : { description: change.description }),
      attributes: change.attributes ?? {},
      version: rest.version + 1,
    });
  }

  list(): readonly ThingGroupRecord[] {
    return inOrder(this.#records.thingGroups.values(), ({ thingGroupName }) => thingGroupName);
  }

  children(thingGroupName: string): readonly ThingGroupRecord[] {
    return this.list().filter(({ parentGroupName }) => parentGroupName === thingGroupName);
  }

  /** The group itself, its parent, and so on up to the root. */
  lineage(thingGroupName: string): readonly ThingGroupRecord[] {
    const group = this.get(thingGroupName);
    return group.parentGroupName === undefined ? [group] : [group, ...this.lineage(group.parentGroupName)];
  }

  /** Deleting a group that is not there is a success. */
  delete(thingGroupName: string, expectedVersion?: number): void {
    const group = this.find(thingGroupName);
    if (group === undefined) return;
    checkVersion(group, expectedVersion);
    if (this.children(thingGroupName).length > 0) {
      throw invalidRequest(`Thing group ${thingGroupName} still has child groups.`);
    }
    for (const thing of this.thingsIn(thingGroupName, false)) this.#leave(thing, thingGroupName);
    this.#records.thingGroups.delete(thingGroupName);
  }

  addThing(thingGroupName: string, thingName: string): void {
    const lineage = this.lineage(thingGroupName).map((group) => group.thingGroupName);
    const thing = this.#thing(thingName);
    if (thing.groups.includes(thingGroupName)) return;
    if (thing.groups.length >= mostGroupsOfAThing) {
      throw invalidRequest(`A thing belongs to at most ${mostGroupsOfAThing} groups.`);
    }
    const root = lineage.at(-1);
    const relative = thing.groups.find((name) => this.lineage(name).at(-1)?.thingGroupName === root);
    if (relative !== undefined) {
      throw invalidRequest(`Thing ${thingName} already belongs to ${relative}, which is of the same hierarchy.`);
    }
    this.#records.things.set(thingName, { ...thing, groups: [...thing.groups, thingGroupName] });
    this.#records.moved(thingName);
  }

  removeThing(thingGroupName: string, thingName: string): void {
    this.get(thingGroupName);
    this.#leave(this.#thing(thingName), thingGroupName);
  }

  groupsOf(thingName: string): readonly string[] {
    return [...this.#thing(thingName).groups].sort();
  }

  thingsIn(thingGroupName: string, recursive: boolean): readonly ThingRecord[] {
    const names = new Set([this.get(thingGroupName).thingGroupName]);
    if (recursive) for (const name of names) for (const child of this.children(name)) names.add(child.thingGroupName);
    const members = [...this.#records.things.values()].filter(({ groups }) => groups.some((name) => names.has(name)));
    return inOrder(members, ({ thingName }) => thingName);
  }

  #leave(thing: ThingRecord, thingGroupName: string): void {
    const groups = thing.groups.filter((name) => name !== thingGroupName);
    if (groups.length === thing.groups.length) return;
    this.#records.things.set(thing.thingName, { ...thing, groups });
    this.#records.moved(thing.thingName);
  }

  #thing(thingName: string): ThingRecord {
    const thing = this.#records.things.get(thingName);
    if (thing === undefined) throw notFound(`Thing ${thingName} cannot be found.`);
    return thing;
  }

  #save(group: ThingGroupRecord): ThingGroupRecord {
    this.#records.thingGroups.set(group.thingGroupName, group);
    return group;
  }
}

function checkVersion({ thingGroupName, version }: ThingGroupRecord, expected: number | undefined): void {
  if (expected === undefined || expected === version) return;
  throw versionConflict(`The version of thing group ${thingGroupName} is ${version}.`);
}

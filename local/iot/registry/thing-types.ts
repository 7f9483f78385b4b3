import { alreadyExists, invalidRequest, notFound } from './errors.ts';
import { inOrder, type Records, type ThingTypeRecord } from './records.ts';

export interface NewThingType {
  readonly thingTypeName: string;
  readonly description?: string | undefined;
  readonly searchableAttributes?: readonly string[] | undefined;
}

const namePattern = /^[a-zA-Z0-9:_-]{1,128}$/;
const fiveMinutes = 5 * 60_000;

export class ThingTypes {
  readonly #records: Records;

  constructor(records: Records) {
    this.#records = records;
  }

  create({ thingTypeName, description, searchableAttributes = [] }: NewThingType): ThingTypeRecord {
    if (!namePattern.test(thingTypeName)) throw invalidRequest(`"${thingTypeName}" is no valid thing type name.`);
    if (searchableAttributes.length > 3) throw invalidRequest('A thing type has at most 3 searchable attributes.');
    const known = this.#records.thingTypes.get(thingTypeName);
    if (known !== undefined) {
      const same =
        known.description === description && known.searchableAttributes.join('\n') === searchableAttributes.join('\n');
      if (same) return known;
      const arn = this.#records.arns.thingType(thingTypeName);
      throw alreadyExists(`Thing type ${thingTypeName} already exists with other properties.`, known.thingTypeId, arn);
    }
    const type: ThingTypeRecord = {
      thingTypeName,
      thingTypeId: this.#records.newId(),
      ...(description === undefined ? {} : { description }),
      searchableAttributes,
      createdAt: this.#records.clock.now(),
    };
    this.#records.thingTypes.set(thingTypeName, type);
    return type;
  }

  find(thingTypeName: string): ThingTypeRecord | undefined {
    return this.#records.thingTypes.get(thingTypeName);
  }

  get(thingTypeName: string): ThingTypeRecord {
    const type = this.find(thingTypeName);
    if (type === undefined) throw notFound(`Thing type ${thingTypeName} cannot be found.`);
    return type;
  }

  list(): readonly ThingTypeRecord[] {
    return inOrder(this.#records.thingTypes.values(), ({ thingTypeName }) => thingTypeName);
  }

  /** The description can change in place; AWS does not let searchable attributes change. */
  describeAs(thingTypeName: string, description: string | undefined): ThingTypeRecord {
    const { description: _, ...rest } = this.get(thingTypeName);
    const type = { ...rest, ...(description === undefined ? {} : { description }) };
    this.#records.thingTypes.set(thingTypeName, type);
    return type;
  }

  deprecate(thingTypeName: string, undo: boolean): void {
    const { deprecatedAt: _, ...type } = this.get(thingTypeName);
    const deprecatedAt = this.#records.clock.now();
    this.#records.thingTypes.set(thingTypeName, undo ? type : { ...type, deprecatedAt });
  }

  /** Only a type that was deprecated five minutes ago and that no thing has can be deleted. */
  delete(thingTypeName: string): void {
    const { deprecatedAt } = this.get(thingTypeName);
    if (deprecatedAt === undefined || Math.abs(this.#records.clock.now() - deprecatedAt) < fiveMinutes) {
      throw invalidRequest(`Thing type ${thingTypeName} must be deprecated for 5 minutes before it can be deleted.`);
    }
    for (const thing of this.#records.things.values()) {
      if (thing.thingTypeName === thingTypeName) {
        throw invalidRequest(`Thing type ${thingTypeName} is still the type of ${thing.thingName}.`);
      }
    }
    this.#records.thingTypes.delete(thingTypeName);
  }
}

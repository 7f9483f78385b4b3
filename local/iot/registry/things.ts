import { alreadyExists, invalidRequest, notFound, versionConflict } from './errors.ts';
import {
  type Attributes,
  type CertificateRecord,
  inOrder,
  type Records,
  sameAttributes,
  type ThingRecord,
} from './records.ts';

export interface NewThing {
  readonly thingName: string;
  readonly thingTypeName?: string | undefined;
  readonly attributes?: Attributes | undefined;
}

export interface ThingChange {
  readonly attributes?: Attributes | undefined;
  /** True keeps the attributes that the change does not name; an empty value removes one. */
  readonly merge?: boolean | undefined;
  readonly thingTypeName?: string | undefined;
  readonly removeThingType?: boolean | undefined;
  readonly expectedVersion?: number | undefined;
}

const namePattern = /^[a-zA-Z0-9:_-]{1,128}$/;
const attributeName = /^[a-zA-Z0-9_.,@/:#-]{1,128}$/;
const attributeValue = /^[a-zA-Z0-9_.,@/:#=[\]-]{0,800}$/;

/** The things of the registry and the certificates attached to them. */
export class Things {
  readonly #records: Records;

  constructor(records: Records) {
    this.#records = records;
  }

  /** Creating the same thing again is a success, another thing of the same name a conflict. */
  create({ thingName, thingTypeName, attributes = {} }: NewThing): ThingRecord {
    if (!namePattern.test(thingName)) throw invalidRequest(`"${thingName}" is no valid thing name.`);
    const known = this.#records.things.get(thingName);
    const wanted = withoutEmpty(attributes);
    if (known !== undefined) {
      if (known.thingTypeName === thingTypeName && sameAttributes(known.attributes, wanted)) return known;
      const arn = this.#records.arns.thing(thingName);
      throw alreadyExists(`Thing ${thingName} already exists in account with different attributes`, known.thingId, arn);
    }
    this.#checkType(thingTypeName);
    checkAttributes(wanted, thingTypeName);
    return this.#save({
      thingName,
      thingId: this.#records.newId(),
      ...(thingTypeName === undefined ? {} : { thingTypeName }),
      attributes: wanted,
      version: 1,
      groups: [],
    });
  }

  get(thingName: string): ThingRecord {
    const thing = this.#records.things.get(thingName);
    if (thing === undefined) throw notFound(`Thing ${thingName} cannot be found.`);
    return thing;
  }

  find(thingName: string): ThingRecord | undefined {
    return this.#records.things.get(thingName);
  }

  list(): readonly ThingRecord[] {
    return inOrder(this.#records.things.values(), ({ thingName }) => thingName);
  }

  update(thingName: string, change: ThingChange): ThingRecord {
    const thing = this.get(thingName);
    if (change.expectedVersion !== undefined && change.expectedVersion !== thing.version) {
      throw versionConflict(`The version of thing ${thingName} is ${thing.version}, not ${change.expectedVersion}.`);
    }
    if (change.removeThingType === true && change.thingTypeName !== undefined) {
      throw invalidRequest('A thing type cannot be set and removed at once.');
    }
    if (change.thingTypeName !== thing.thingTypeName) this.#checkType(change.thingTypeName);
    const { thingTypeName: formerType, ...rest } = thing;
    const thingTypeName = change.removeThingType === true ? undefined : (change.thingTypeName ?? formerType);
    const named = change.attributes ?? {};
    const attributes =
      change.attributes === undefined
        ? thing.attributes
        : withoutEmpty(change.merge === true ? { ...thing.attributes, ...named } : named);
    checkAttributes(attributes, thingTypeName);
    return this.#save({
      ...rest,
      ...(thingTypeName === undefined ? {} : { thingTypeName }),
      attributes,
      version: thing.version + 1,
    });
  }

  /** Deleting a thing that is not there is a success. Its shadows stay. */
  delete(thingName: string, expectedVersion?: number): void {
    const thing = this.#records.things.get(thingName);
    if (thing === undefined) return;
    if (expectedVersion !== undefined && expectedVersion !== thing.version) {
      throw versionConflict(`The version of thing ${thingName} is ${thing.version}, not ${expectedVersion}.`);
    }
    if (this.principalsOf(thingName).length > 0) {
      throw invalidRequest(`Cannot delete. Thing ${thingName} is still attached to one or more principals`);
    }
    this.#records.things.delete(thingName);
    this.#records.moved(thingName);
  }

  attach(thingName: string, certificateId: string): void {
    this.get(thingName);
    const certificate = this.#certificate(certificateId);
    if (certificate.things.includes(thingName)) return;
    this.#records.certificates.set(certificateId, { ...certificate, things: [...certificate.things, thingName] });
  }

  detach(thingName: string, certificateId: string): void {
    this.get(thingName);
    const certificate = this.#certificate(certificateId);
    const things = certificate.things.filter((name) => name !== thingName);
    if (things.length === certificate.things.length) return;
    this.#records.certificates.set(certificateId, { ...certificate, things });
  }

  /** Ids of the certificates attached to the thing. */
  principalsOf(thingName: string): readonly string[] {
    return [...this.#records.certificates.values()]
      .filter(({ things }) => things.includes(thingName))
      .map(({ certificateId }) => certificateId)
      .sort();
  }

  thingsOf(certificateId: string): readonly string[] {
    return [...this.#certificate(certificateId).things].sort();
  }

  #certificate(certificateId: string): CertificateRecord {
    const certificate = this.#records.certificates.get(certificateId);
    if (certificate === undefined) throw notFound(`Certificate ${certificateId} cannot be found.`);
    return certificate;
  }

  #checkType(thingTypeName: string | undefined): void {
    if (thingTypeName === undefined) return;
    const type = this.#records.thingTypes.get(thingTypeName);
    if (type === undefined) throw notFound(`Thing type ${thingTypeName} cannot be found.`);
    if (type.deprecatedAt !== undefined) throw invalidRequest(`Thing type ${thingTypeName} is deprecated.`);
  }

  #save(thing: ThingRecord): ThingRecord {
    this.#records.things.set(thing.thingName, thing);
    return thing;
  }
}

function withoutEmpty(attributes: Attributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== ''));
}

function checkAttributes(attributes: Attributes, thingTypeName: string | undefined): void {
  const most = thingTypeName === undefined ? 3 : 50;
  const entries = Object.entries(attributes);
  if (entries.length > most) {
    throw invalidRequest(`A thing ${most === 3 ? 'without a type' : 'with a type'} has at most ${most} attributes.`);
  }
  for (const [name, value] of entries) {
    if (!attributeName.test(name)) throw invalidRequest(`"${name}" is no valid attribute name.`);
    if (!attributeValue.test(value)) throw invalidRequest(`The value of attribute "${name}" is not valid.`);
  }
}

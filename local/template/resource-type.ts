/** Where a resource stands while it is made. */
export interface ResourceScope {
  readonly region: string;
  readonly accountId: string;
  readonly stackName: string;
  readonly logicalId: string;
  /** A stable name derived from stack and logical id, for resources without an explicit one. */
  readonly physicalName: string;
  /** The directory of the cloud assembly, to find assets in. */
  readonly assemblyDirectory: string;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** What `Ref` and `Fn::GetAtt` of the resource give. An attribute that is not here stops the start. */
export interface Provisioned {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string | readonly string[]>>;
}

/**
 * One CloudFormation type that the local cloud understands. `create` is called at every start with the
 * resolved properties and must leave things as if created once (it is an "ensure"). It throws on any
 * property or value that it does not understand, naming it: nothing is stubbed.
 */
export interface ResourceType {
  readonly type: string;
  create(properties: Readonly<Record<string, unknown>>, scope: ResourceScope): Provisioned | Promise<Provisioned>;
}

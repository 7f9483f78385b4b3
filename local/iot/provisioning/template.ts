import { z } from 'zod';
import { compile, type Expression, type Mappings, type Scope, TemplateError, text, texts } from './expression.ts';

const certificateIdParameter = 'AWS::IoT::Certificate::Id';

const override = z.enum(['DO_NOTHING', 'REPLACE', 'FAIL']);
const mergingOverride = z.enum(['DO_NOTHING', 'REPLACE', 'FAIL', 'MERGE']);
export type Override = z.infer<typeof mergingOverride>;

const thing = z.strictObject({
  Type: z.literal('AWS::IoT::Thing'),
  Properties: z.strictObject({
    ThingName: z.unknown(),
    ThingTypeName: z.unknown().optional(),
    AttributePayload: z.record(z.string(), z.unknown()).optional(),
    ThingGroups: z.array(z.unknown()).optional(),
  }),
  OverrideSettings: z
    .strictObject({
      AttributePayload: mergingOverride.optional(),
      ThingTypeName: override.optional(),
      ThingGroups: mergingOverride.optional(),
    })
    .optional(),
});
const certificate = z.strictObject({
  Type: z.literal('AWS::IoT::Certificate'),
  Properties: z.strictObject({
    CertificateId: z.strictObject({ Ref: z.literal(certificateIdParameter) }),
    Status: z.enum(['ACTIVE', 'INACTIVE', 'Active', 'Inactive', 'active', 'inactive']).optional(),
  }),
  OverrideSettings: z.strictObject({ Status: override.optional() }).optional(),
});
const policy = z.strictObject({
  Type: z.literal('AWS::IoT::Policy'),
  Properties: z.strictObject({ PolicyName: z.unknown().optional(), PolicyDocument: z.string().optional() }),
});
const body = z.strictObject({
  Parameters: z
    .record(z.string(), z.strictObject({ Type: z.literal('String'), Default: z.string().optional() }))
    .default({}),
  Mappings: z.record(z.string(), z.record(z.string(), z.record(z.string(), z.string()))).default({}),
  Resources: z.record(z.string(), z.discriminatedUnion('Type', [thing, certificate, policy])),
  DeviceConfiguration: z.record(z.string(), z.unknown()).default({}),
});

/** What a template makes for one device. */
export interface Plan {
  readonly thing: ThingPlan | undefined;
  readonly certificateStatus: 'ACTIVE' | 'INACTIVE';
  readonly policies: readonly PolicyPlan[];
  readonly deviceConfiguration: Readonly<Record<string, string>>;
}

export interface ThingPlan {
  readonly thingName: string;
  readonly thingTypeName: string | undefined;
  readonly attributes: Readonly<Record<string, string>>;
  readonly groups: readonly string[];
  /** What becomes of the properties of a thing that is there already. */
  readonly overrides: { readonly attributes: Override; readonly type: Override; readonly groups: Override };
}

export type PolicyPlan = { readonly policyName: string } | { readonly document: string };

/** A provisioning template's body, understood as a whole before the first device comes. */
export interface CompiledTemplate {
  /** Throws `TemplateError` when the parameters do not suffice. */
  plan(parameters: Readonly<Record<string, string>>, certificateId: string): Plan;
}

/** Throws `TemplateError` on anything in the body that is not understood. */
export function compileTemplate(templateBody: string): CompiledTemplate {
  const { Parameters, Mappings: mappings, Resources, DeviceConfiguration } = parseBody(templateBody);
  const names = new Set([...Object.keys(Parameters), certificateIdParameter]);
  const resources = Object.entries(Resources);
  const things = resources.flatMap(([id, each]) =>
    each.Type === 'AWS::IoT::Thing' ? [thingPlan(id, each, names)] : [],
  );
  const certificates = resources.flatMap(([, each]) => (each.Type === 'AWS::IoT::Certificate' ? [each] : []));
  const policies = resources.flatMap(([id, each]) =>
    each.Type === 'AWS::IoT::Policy' ? [policyPlan(id, each, names)] : [],
  );
  if (things.length > 1) throw new TemplateError('A template makes at most one thing');
  if (certificates.length !== 1) throw new TemplateError('A template has one AWS::IoT::Certificate');
  const certificateStatus = /^inactive$/i.test(certificates[0]?.Properties.Status ?? 'ACTIVE') ? 'INACTIVE' : 'ACTIVE';
  const deviceConfiguration = compileAll(DeviceConfiguration, names, 'DeviceConfiguration');
  const defaults = Object.entries(Parameters).flatMap(([name, { Default }]): [string, string][] =>
    Default === undefined ? [] : [[name, Default]],
  );

  return {
    plan(parameters, certificateId) {
      const values = new Map([...defaults, ...Object.entries(parameters), [certificateIdParameter, certificateId]]);
      const missing = [...names].find((name) => !values.has(name));
      if (missing !== undefined) throw new TemplateError(`The parameter ${missing} is missing`);
      const scope: Scope = { parameters: values, mappings };
      return {
        thing: things[0]?.(scope),
        certificateStatus,
        policies: policies.map((each) => each(scope)),
        deviceConfiguration: evaluateAll(deviceConfiguration, scope),
      };
    },
  };
}

function parseBody(templateBody: string): z.infer<typeof body> & { readonly Mappings: Mappings } {
  let json: unknown;
  try {
    json = JSON.parse(templateBody);
  } catch {
    throw new TemplateError('The template body is not JSON');
  }
  const parsed = body.safeParse(json);
  if (!parsed.success) throw new TemplateError(`The template body is not understood: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

function thingPlan(id: string, { Properties, OverrideSettings }: z.infer<typeof thing>, names: ReadonlySet<string>) {
  const thingName = compile(Properties.ThingName, names, `${id}.ThingName`);
  const typeName =
    Properties.ThingTypeName === undefined
      ? undefined
      : compile(Properties.ThingTypeName, names, `${id}.ThingTypeName`);
  const attributes = compileAll(Properties.AttributePayload ?? {}, names, `${id}.AttributePayload`);
  const groups = compile(Properties.ThingGroups ?? [], names, `${id}.ThingGroups`);
  return (scope: Scope): ThingPlan => ({
    thingName: text(thingName(scope)),
    thingTypeName: typeName === undefined ? undefined : text(typeName(scope)),
    attributes: evaluateAll(attributes, scope),
    groups: texts(groups(scope)),
    overrides: {
      attributes: OverrideSettings?.AttributePayload ?? 'DO_NOTHING',
      type: OverrideSettings?.ThingTypeName ?? 'DO_NOTHING',
      groups: OverrideSettings?.ThingGroups ?? 'DO_NOTHING',
    },
  });
}

function policyPlan(id: string, { Properties }: z.infer<typeof policy>, names: ReadonlySet<string>) {
  const { PolicyName, PolicyDocument } = Properties;
  if ((PolicyName === undefined) === (PolicyDocument === undefined)) {
    throw new TemplateError(`${id} has either a PolicyName or a PolicyDocument`);
  }
  const name = PolicyName === undefined ? undefined : compile(PolicyName, names, `${id}.PolicyName`);
  return (scope: Scope): PolicyPlan =>
    name === undefined ? { document: PolicyDocument ?? '' } : { policyName: text(name(scope)) };
}

function compileAll(values: Readonly<Record<string, unknown>>, names: ReadonlySet<string>, where: string) {
  return new Map(Object.entries(values).map(([key, value]) => [key, compile(value, names, `${where}.${key}`)]));
}

function evaluateAll(values: ReadonlyMap<string, Expression>, scope: Scope): Readonly<Record<string, string>> {
  return Object.fromEntries([...values].map(([key, value]) => [key, text(value(scope))]));
}

import { z } from 'zod';
import type { Clock, Instant } from '#shared/kernel/clock.ts';
import type { Store } from '../broker/stored-message.ts';
import type { Arns } from '../registry/arns.ts';
import { alreadyExists, invalidRequest, notFound } from '../registry/errors.ts';
import { inOrder } from '../registry/records.ts';
import { answer, done, type Route, seconds } from '../registry/rest.ts';
import { TemplateError } from './expression.ts';
import type { Roles } from './roles.ts';
import { type CompiledTemplate, compileTemplate } from './template.ts';

export interface TemplateDefinition {
  readonly templateName: string;
  readonly description?: string;
  readonly enabled: boolean;
  readonly provisioningRoleArn: string;
  readonly templateBody: string;
  /** The ARN of the function that is asked before anything is made. */
  readonly hookArn?: string;
}

export interface ProvisioningTemplate extends TemplateDefinition {
  readonly compiled: CompiledTemplate;
  readonly createdAt: Instant;
}

/** A definition and when it was made; `state.collection('iot/provisioning-templates')`. */
export type TemplateStore = Store<TemplateDefinition & { readonly createdAt: Instant }>;

/** The account's fleet-provisioning templates: those of CloudFormation, made again at each start, and callers' own. */
export class ProvisioningTemplates {
  readonly #templates = new Map<string, ProvisioningTemplate>();
  readonly #own: TemplateStore;

  constructor(own: TemplateStore = new Map()) {
    this.#own = own;
    for (const [, { createdAt, ...definition }] of own.entries()) this.put(definition, createdAt);
  }

  /** One that a caller makes, and that nobody makes again at the next start. Throws `TemplateError`. */
  create(definition: TemplateDefinition, now: Instant): void {
    this.put(definition, now);
    this.#own.set(definition.templateName, { ...definition, createdAt: now });
  }

  delete(templateName: string): void {
    this.#templates.delete(templateName);
    this.#own.delete(templateName);
  }

  /** Throws `TemplateError` on a body that is not understood. */
  put(definition: TemplateDefinition, now: Instant): void {
    const compiled = compileTemplate(definition.templateBody);
    this.#templates.set(definition.templateName, { ...definition, compiled, createdAt: now });
  }

  find(templateName: string): ProvisioningTemplate | undefined {
    return this.#templates.get(templateName);
  }

  list(): readonly ProvisioningTemplate[] {
    return inOrder(this.#templates.values(), ({ templateName }) => templateName);
  }
}

const createTemplate = z.strictObject({
  templateName: z.string().regex(/^[0-9A-Za-z_-]{1,36}$/),
  description: z.string().max(500).optional(),
  templateBody: z.string(),
  enabled: z.boolean().default(false),
  provisioningRoleArn: z.string(),
  preProvisioningHook: z
    .strictObject({ payloadVersion: z.literal('2020-04-01').optional(), targetArn: z.string() })
    .optional(),
  type: z.literal('FLEET_PROVISIONING').optional(),
});

export interface TemplateRouteOptions {
  readonly templates: ProvisioningTemplates;
  readonly arns: Arns;
  readonly roles: Pick<Roles, 'assume'>;
  readonly clock: Clock;
}

export function provisioningTemplateRoutes(options: TemplateRouteOptions): readonly Route[] {
  return [...readingRoutes(options), ...makingRoutes(options)];
}

function makingRoutes({ templates, arns, roles, clock }: TemplateRouteOptions): readonly Route[] {
  const make = (definition: TemplateDefinition, arn: string) => {
    if (templates.find(definition.templateName) !== undefined) {
      const message = `The provisioning template ${definition.templateName} already exists.`;
      throw alreadyExists(message, definition.templateName, arn);
    }
    roles.assume(definition.provisioningRoleArn, 'iot.amazonaws.com', { 'aws:SourceArn': arn });
    try {
      templates.create(definition, clock.now());
    } catch (error) {
      throw error instanceof TemplateError ? invalidRequest(error.message) : error;
    }
  };
  return [
    {
      name: 'CreateProvisioningTemplate',
      method: 'POST',
      path: '/provisioning-templates',
      understand(call) {
        const { preProvisioningHook: hook, description, type: _, ...asked } = call.json(createTemplate);
        const templateArn = arns.provisioningTemplate(asked.templateName);
        const definition = {
          ...asked,
          ...(description === undefined ? {} : { description }),
          ...(hook === undefined ? {} : { hookArn: hook.targetArn }),
        };
        return {
          permissions: [
            { action: 'iot:CreateProvisioningTemplate', resource: templateArn },
            { action: 'iam:PassRole', resource: asked.provisioningRoleArn },
          ],
          run() {
            make(definition, templateArn);
            return answer({ templateArn, templateName: asked.templateName, defaultVersionId: 1 });
          },
        };
      },
    },
    {
      name: 'DeleteProvisioningTemplate',
      method: 'DELETE',
      path: '/provisioning-templates/{templateName}',
      understand(call) {
        const templateName = call.parameter('templateName');
        return {
          permissions: [
            { action: 'iot:DeleteProvisioningTemplate', resource: arns.provisioningTemplate(templateName) },
          ],
          run() {
            if (templates.find(templateName) === undefined) throw noTemplate(templateName);
            templates.delete(templateName);
            return done();
          },
        };
      },
    },
  ];
}

const noTemplate = (templateName: string) => notFound(`The provisioning template ${templateName} does not exist.`);

function readingRoutes({ templates, arns }: TemplateRouteOptions): readonly Route[] {
  const summary = (template: ProvisioningTemplate) => ({
    templateArn: arns.provisioningTemplate(template.templateName),
    templateName: template.templateName,
    ...(template.description === undefined ? {} : { description: template.description }),
    creationDate: seconds(template.createdAt),
    lastModifiedDate: seconds(template.createdAt),
    enabled: template.enabled,
    type: 'FLEET_PROVISIONING',
  });
  return [
    {
      name: 'DescribeProvisioningTemplate',
      method: 'GET',
      path: '/provisioning-templates/{templateName}',
      understand(call) {
        const templateName = call.parameter('templateName');
        return {
          permissions: [
            { action: 'iot:DescribeProvisioningTemplate', resource: arns.provisioningTemplate(templateName) },
          ],
          run() {
            const template = templates.find(templateName);
            if (template === undefined) throw noTemplate(templateName);
            return answer({
              ...summary(template),
              defaultVersionId: 1,
              templateBody: template.templateBody,
              provisioningRoleArn: template.provisioningRoleArn,
              ...(template.hookArn === undefined
                ? {}
                : { preProvisioningHook: { payloadVersion: '2020-04-01', targetArn: template.hookArn } }),
            });
          },
        };
      },
    },
    {
      name: 'ListProvisioningTemplates',
      method: 'GET',
      path: '/provisioning-templates',
      query: ['maxResults', 'nextToken'],
      understand: (call) => ({
        permissions: [{ action: 'iot:ListProvisioningTemplates', resource: '*' }],
        run() {
          const { items, next } = call.page(templates.list(), ({ templateName }) => templateName);
          return answer({ templates: items.map(summary), ...next });
        },
      }),
    },
  ];
}

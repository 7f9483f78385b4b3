import type { Instant } from '#shared/kernel/clock.ts';
import type { Arns } from '../registry/arns.ts';
import { notFound } from '../registry/errors.ts';
import { inOrder } from '../registry/records.ts';
import { answer, type Route, seconds } from '../registry/rest.ts';
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

/** The fleet-provisioning templates of the account; made again from the CloudFormation template at each start. */
export class ProvisioningTemplates {
  readonly #templates = new Map<string, ProvisioningTemplate>();

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

export function provisioningTemplateRoutes(templates: ProvisioningTemplates, arns: Arns): readonly Route[] {
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
            if (template === undefined) throw notFound(`The provisioning template ${templateName} does not exist.`);
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

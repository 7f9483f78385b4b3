import type { ResourceType } from '#local/template/resource-type.ts';
import { eventInvokeConfig } from './event-invoke-config.ts';
import { functionDefinition } from './function-definition.ts';
import { functionPermission } from './function-permission.ts';
import type { LambdaService } from './lambda-service.ts';

/** Finds the directory of an asset in the assembly, by its `S3Key`. */
export type AssetDirectory = (assemblyDirectory: string, objectKey: string) => string;

/** The CloudFormation types of Lambda that the local cloud understands. */
export function lambdaResourceTypes(service: LambdaService, assetDirectory: AssetDirectory): ResourceType[] {
  return [
    {
      type: 'AWS::Lambda::Function',
      create(properties, scope) {
        const definition = functionDefinition(properties, {
          region: scope.region,
          accountId: scope.accountId,
          defaultName: scope.physicalName,
          assetDirectory: (objectKey) => assetDirectory(scope.assemblyDirectory, objectKey),
        });
        service.deploy(definition);
        return { ref: definition.name, attributes: { Arn: definition.arn } };
      },
    },
    {
      type: 'AWS::Lambda::Permission',
      create(properties, scope) {
        service.permit(functionPermission(properties));
        return { ref: scope.physicalName, attributes: { Id: scope.physicalName } };
      },
    },
    {
      type: 'AWS::Lambda::EventInvokeConfig',
      create(properties, scope) {
        const { functionName, ...config } = eventInvokeConfig(properties);
        service.configureEvents(functionName, config);
        return { ref: scope.physicalName, attributes: {} };
      },
    },
  ];
}

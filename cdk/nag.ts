import { type App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';

/** Has cdk-nag judge the app at synthesis by the rules of AWS Solutions; a finding without a reason is an error. */
export function judgeByAwsSolutions(app: App): void {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
}

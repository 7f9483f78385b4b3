import { createHash } from 'node:crypto';

/** Roles, functions and rules admit 64 characters; queues and tables admit more. */
const longest = 64;

/** The same name at every start, as CloudFormation keeps a resource's name from deployment to deployment. */
export function physicalNameOf(stackName: string, logicalId: string): string {
  const name = `${stackName}-${logicalId}`;
  if (name.length <= longest) return name;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 12);
  return `${stackName.slice(0, 24)}-${logicalId.slice(0, 26)}-${digest}`;
}

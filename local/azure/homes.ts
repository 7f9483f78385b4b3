import { z } from 'zod';
import type { FunctionDefinition } from '#local/lambda/function-definition.ts';

/** A hub that functions of the template speak to, as their setting HUBS names it. */
const hubHome = z.object({ name: z.string(), hub: z.string(), tenantId: z.string(), clientId: z.string() });
export type HubHome = z.infer<typeof hubHome>;

const hubsSetting = z.array(hubHome);

export interface HomesOfTemplate {
  readonly homes: readonly HubHome[];
  /** The ARNs of the roles that speak to them. */
  readonly roles: readonly string[];
}

/** What the template says of other device clouds; nothing where it has none. */
export function homesOf(functions: readonly Pick<FunctionDefinition, 'variables' | 'roleArn'>[]): HomesOfTemplate {
  const speaking = functions.filter(({ variables }) => variables['HUBS'] !== undefined);
  const homes = new Map(
    speaking
      .flatMap(({ variables }) => hubsSetting.parse(JSON.parse(variables['HUBS'] ?? '[]')))
      .map((home) => [home.hub, home] as const),
  );
  const roles = homes.size === 0 ? [] : speaking.map(({ roleArn }) => roleArn);
  return { homes: [...homes.values()], roles: [...new Set(roles)] };
}

import { readFileSync } from 'node:fs';
import * as z from 'zod/mini';

const endpoints = z.object({
  authority: z.string(),
  hubs: z.record(z.string(), z.object({ host: z.string(), https: z.int(), amqp: z.int() })),
  caFile: z.string(),
});

/** Where a cloud on this machine answers in Azure's place. */
export interface LocalEndpoints {
  readonly authority: string;
  readonly hubs: Readonly<Record<string, { readonly host: string; readonly https: number; readonly amqp: number }>>;
  readonly ca: string;
}

/** @param text AZURE_LOCAL; absent in production, where host names lead to Azure by themselves */
export function localEndpoints(text: string | undefined): LocalEndpoints | undefined {
  if (text === undefined || text === '') return undefined;
  const { caFile, ...rest } = endpoints.parse(JSON.parse(text));
  return { ...rest, ca: readFileSync(caFile, 'utf8') };
}

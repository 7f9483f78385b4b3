import * as z from 'zod';
import type { ApiClient } from '#local/tour/api-client.ts';

const started = z.object({ importId: z.string(), uploadUrl: z.string() });

const importView = z.looseObject({
  status: z.enum(['waiting', 'running', 'done', 'failed']),
  registered: z.number(),
  unchanged: z.number(),
  failed: z.number(),
  progress: z.looseObject({ lines: z.number(), percent: z.number() }).optional(),
  problem: z.looseObject({ code: z.string(), detail: z.string(), line: z.number().optional() }).optional(),
  reportUrl: z.string().optional(),
});

export type ImportView = z.infer<typeof importView>;

const exportView = z.looseObject({
  exportId: z.string(),
  status: z.enum(['running', 'done', 'failed']),
  vehicles: z.number(),
  downloadUrl: z.string().optional(),
});

const reportLine = z.looseObject({ line: z.number().optional(), code: z.string(), detail: z.string() });

/** Imports and exports as a partner's program makes them: the API, and plain HTTP for the files. */
export class Transfers {
  readonly #api: ApiClient;

  constructor(api: ApiClient) {
    this.#api = api;
  }

  async start(format: 'csv' | 'ndjson') {
    const { status, body } = await this.#api.post('/v1/imports', { format });
    if (status !== 201) throw new Error(`POST /v1/imports answered ${status} ${JSON.stringify(body)}`);
    return started.parse(body);
  }

  async upload(url: string, file: string | Uint8Array): Promise<void> {
    const { ok, status } = await fetch(url, { method: 'PUT', body: file });
    if (!ok) throw new Error(`The upload was answered with ${status}`);
  }

  async get(importId: string): Promise<ImportView> {
    return importView.parse((await this.#api.get(`/v1/imports/${importId}`)).body);
  }

  /** The import as soon as it has ended, or as soon as `until` says so. */
  async ended(importId: string, until: (view: ImportView) => boolean = () => false): Promise<ImportView> {
    for (;;) {
      const view = await this.get(importId);
      if (view.status === 'done' || view.status === 'failed' || until(view)) return view;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** From the beginning to the end, with the lines of the report. */
  async import(format: 'csv' | 'ndjson', file: string | Uint8Array) {
    const { importId, uploadUrl } = await this.start(format);
    await this.upload(uploadUrl, file);
    const view = await this.ended(importId);
    return { importId, view, report: await this.report(view) };
  }

  async report({ reportUrl }: ImportView) {
    if (reportUrl === undefined) return undefined;
    const lines = (await this.#download(reportUrl)).split('\n').filter((line) => line !== '');
    return lines.map((line) => reportLine.parse(JSON.parse(line)));
  }

  /** The text of the file. */
  async export(order: Record<string, unknown>): Promise<string> {
    const { status, body } = await this.#api.post('/v1/exports', { reason: 'Test', ...order });
    if (status !== 202) throw new Error(`POST /v1/exports answered ${status} ${JSON.stringify(body)}`);
    const { exportId } = exportView.parse(body);
    for (;;) {
      const view = exportView.parse((await this.#api.get(`/v1/exports/${exportId}`)).body);
      if (view.downloadUrl !== undefined) return this.#download(view.downloadUrl);
      if (view.status === 'failed') throw new Error(`The export failed: ${JSON.stringify(view)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async #download(url: string): Promise<string> {
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(`The file was answered with ${answer.status} ${await answer.text()}`);
    return answer.text();
  }
}

/** European VINs, which carry no check digit. */
export function someVins(count: number, prefix = 'WVWZZZE1Z'): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${String(index).padStart(17 - prefix.length, '0')}`);
}

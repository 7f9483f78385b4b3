import { cloudAssembly } from '#local/assembly.ts';
import { startCloud } from '#local/cloud.ts';
import type { CloudFile } from '#local/cloud-file.ts';
import { openCloudLog } from '#local/cloud-log.ts';
import { freePorts } from '#local/options.ts';
import type { UnitName } from '#local/trace/hop-record.ts';

/** The local cloud as `npm start` has it, without vehicles, which counts what AWS would meter. Program of `Meter`. */
export interface Made {
  readonly type: string;
  readonly logicalId: string;
  readonly ref: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface Ready {
  readonly kind: 'ready';
  readonly cloud: CloudFile;
  readonly resources: readonly Made[];
}

/** Since the start. */
export interface Reading {
  readonly kind: 'reading';
  readonly units: Readonly<Partial<Record<UnitName, number>>>;
  /** By `<table>:<operation>`. */
  readonly calls: Readonly<Record<string, { readonly times: number; readonly writeUnits: number }>>;
  /** ms that its invocations took, by function. */
  readonly functions: Readonly<Record<string, { readonly times: number; readonly took: number }>>;
}

const [, , stateDirectory = ''] = process.argv;
const units: Partial<Record<UnitName, number>> = {};
const calls: Record<string, { times: number; writeUnits: number }> = {};
const functions: Record<string, { times: number; took: number }> = {};

const { log, close: closeLog } = openCloudLog(stateDirectory);
const assemblyDirectory = await cloudAssembly(log);
const cloud = await startCloud({ stateDirectory, assemblyDirectory, ports: freePorts, log });
const { traces } = cloud;
const ended = traces.ended.bind(traces);
traces.ended = (span) => {
  for (const [name, value] of Object.entries(span.units)) {
    const unit = name as UnitName;
    units[unit] = (units[unit] ?? 0) + value;
  }
  if (span.kind === 'table') {
    const known = calls[span.label] ?? { times: 0, writeUnits: 0 };
    calls[span.label] = { times: known.times + 1, writeUnits: known.writeUnits + (span.units.writeUnits ?? 0) };
  } else if (span.kind === 'function') {
    const known = functions[span.label] ?? { times: 0, took: 0 };
    functions[span.label] = { times: known.times + 1, took: known.took + span.took / 1000 };
  }
  ended(span);
};

process.on('message', (question: unknown) => {
  if (question === 'read') process.send?.({ kind: 'reading', units, calls, functions } satisfies Reading);
});
process.once('SIGTERM', () => {
  void cloud.close().finally(() => {
    closeLog();
    process.exit();
  });
});
const resources = [...cloud.execution.resources.values()].map(({ type, logicalId, ref, attributes }) => {
  return { type, logicalId, ref, attributes };
});
process.send?.({ kind: 'ready', cloud: cloud.file, resources } satisfies Ready);

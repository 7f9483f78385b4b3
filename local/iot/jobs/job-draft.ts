import { z } from 'zod';
import { invalidRequest } from '../registry/errors.ts';
import type { CreateJobInput, JobDraft } from './routes/jobs.ts';

const jsonObject = z.record(z.string(), z.unknown());

/** The document of a new job. Throws `AwsError`. */
export function draftOf(input: CreateJobInput): JobDraft {
  const { document, documentSource, tags: _, ...rest } = input;
  if ((document === undefined) === (documentSource === undefined)) {
    throw invalidRequest('A job has exactly one of document and documentSource.');
  }
  return {
    permissions: [],
    async draft() {
      return { ...rest, document: checked(document ?? '') };
    },
  };
}

function checked(text: string): string {
  try {
    jsonObject.parse(JSON.parse(text));
  } catch {
    throw invalidRequest('A job document is a JSON object.');
  }
  return text;
}

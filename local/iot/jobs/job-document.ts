import type { Job } from './job.ts';

/** The document as a device gets it, JSON text: with addresses that are good for a while in place of placeholders. */
export type DocumentForDevice = (job: Job) => string;

export const plainDocument: DocumentForDevice = ({ document }) => document;

/** How the vehicles stand in a file: an object a line, or a line of fields under a header. */
export const transferFormats = ['ndjson', 'csv'] as const;

export type TransferFormat = (typeof transferFormats)[number];

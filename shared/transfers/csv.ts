/** RFC 4180 names the comma; spreadsheets of half of Europe write the semicolon. */
export type Separator = ',' | ';';

export type CsvFields = { readonly fields: readonly string[] } | { readonly fault: string };

/**
 * The fields of one line by RFC 4180: in quotes or not, a quote in quotes doubled. Spaces around a field are no part of
 * it. A line break always ends the record, even in quotes: no field of a vehicle may hold one, and a forgotten quote
 * then spoils its own line and not the rest of the file.
 */
export function csvFields(line: string, separator: Separator): CsvFields {
  const fields: string[] = [];
  const quoted = /[ \t]*"((?:[^"]|"")*)"[ \t]*/y;
  for (let at = 0; ; ) {
    quoted.lastIndex = at;
    const match = quoted.exec(line);
    if (match === null && /^[ \t]*"/.test(line.slice(at))) return { fault: 'has a quote that is not closed' };
    if (match === null) {
      const end = line.indexOf(separator, at);
      fields.push(line.slice(at, end === -1 ? undefined : end).trim());
      if (end === -1) return { fields };
      at = end + 1;
    } else {
      fields.push((match[1] ?? '').replaceAll('""', '"'));
      at = quoted.lastIndex;
      if (at >= line.length) return { fields };
      if (line[at] !== separator) return { fault: 'has text behind a closing quote' };
      at += 1;
    }
  }
}

export function csvLine(values: readonly string[]): string {
  return `${values.map(csvField).join(',')}\r\n`;
}

function csvField(value: string): string {
  const text = guarded(value);
  return /[",;\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * A spreadsheet computes what begins with =, +, - or @, full-width ones too (OWASP, "CSV Injection"), and takes an apostrophe before it for
 * "this is text". So does {@link unguarded}: what was written so is read as it was.
 */
function guarded(value: string): string {
  return /^'*[=+\-@＝＋－＠]/.test(value) ? `'${value}` : value;
}

export function unguarded(value: string): string {
  return /^'+[=+\-@＝＋－＠]/.test(value) ? value.slice(1) : value;
}

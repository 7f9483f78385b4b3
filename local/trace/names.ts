/** `Fleetloom-dev-Data-Registry4DB9CCA5` → `Registry`; a digest in the place of a name is left as it is. */
export function shortName(label: string): string {
  return label.replaceAll(/\bFleetloom-[\w-]+?-(?:Data|Platform)-(\w+?)[0-9A-F]{8}\b/g, '$1');
}

/** Cuts the middle out: the end of a topic says more than its middle. */
export function fitted(text: string, width: number): string {
  if (text.length <= width) return text;
  const head = Math.floor((width - 1) / 3);
  return `${text.slice(0, head)}…${text.slice(text.length - (width - 1 - head))}`;
}

/** Traces of one shape differ in whom they concern. */
export function shapeOf(label: string): string {
  return label.replaceAll(/veh-[a-z2-7]{20}|[0-9a-f]{8}-[0-9a-f-]{27}/g, '*');
}

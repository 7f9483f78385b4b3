/**
 * A username as an offer keeps it: only a digest of it is stored. Letter by letter, as the user pool compares: "Driver"
 * may be somebody else than "driver".
 */
export function recipientOf(username: string, digest: (text: string) => string): string {
  return digest(username);
}

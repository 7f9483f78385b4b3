/** A username as an offer keeps it: usernames know no case, and only a digest of them is stored. */
export function recipientOf(username: string, digest: (text: string) => string): string {
  return digest(username.normalize('NFC').toLowerCase());
}

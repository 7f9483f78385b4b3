/** Which brands a machine client acts for. */
export interface ClientBrandsRepository {
  /** Brand slugs or `*`; empty for a client that nobody has let in. */
  load(clientId: string): Promise<readonly string[]>;
}

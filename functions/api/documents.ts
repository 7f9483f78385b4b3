/** Where tokens are had: of the issuer, and, for persons, of its sign-in page before. */
export interface IssuerUrls {
  readonly tokenUrl: string;
  readonly authorizeUrl: string;
}

/** Stand in the description where the issuer's belong: the build does not know who will issue the tokens. */
export const issuerPlaceholders: IssuerUrls = {
  tokenUrl: 'https://issuer.invalid/oauth2/token',
  authorizeUrl: 'https://issuer.invalid/oauth2/authorize',
};

/** Stands on the page where the reader found it. */
export const originPlaceholder = 'https://api.invalid';

/** What everybody may read. */
export interface Documents {
  /** The OpenAPI document, as JSON. */
  openApi(): Promise<string>;
  /** The same as a page. @param origin where the reader found it */
  page(origin: string): Promise<string>;
}

/** What the build has written. */
export interface BuiltDocuments {
  openApi(): string;
  page(): string;
}

/** Names in a document that was built what is only known where it is read. */
export function documents(built: BuiltDocuments, issuerUrls: () => Promise<IssuerUrls>): Documents {
  const withUrls = async (text: string, written: (url: string) => string) => {
    const { tokenUrl, authorizeUrl } = await issuerUrls();
    return text
      .replaceAll(written(issuerPlaceholders.tokenUrl), () => written(tokenUrl))
      .replaceAll(written(issuerPlaceholders.authorizeUrl), () => written(authorizeUrl));
  };
  return {
    openApi: () => withUrls(built.openApi(), JSON.stringify),
    page: async (origin) => {
      // It stands in lines for a shell: nothing that means something there, nor in HTML.
      const known = /^https?:\/\/[\w.:-]+$/.test(origin) ? origin : originPlaceholder;
      return (await withUrls(built.page(), (url) => url)).replaceAll(originPlaceholder, () => known);
    },
  };
}

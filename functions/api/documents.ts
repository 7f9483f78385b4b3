import { referencePage } from './reference-page.ts';

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

/** What everybody may read. */
export interface Documents {
  /** The OpenAPI document, as JSON. */
  openApi(): Promise<string>;
  /** The same as a page. @param origin where the reader found it */
  page(origin: string): Promise<string>;
}

/** @param built the description as the build has written it */
export function documents(built: () => string, issuerUrls: () => Promise<IssuerUrls>): Documents {
  const openApi = async () => {
    const { tokenUrl, authorizeUrl } = await issuerUrls();
    return built()
      .replaceAll(JSON.stringify(issuerPlaceholders.tokenUrl), () => JSON.stringify(tokenUrl))
      .replaceAll(JSON.stringify(issuerPlaceholders.authorizeUrl), () => JSON.stringify(authorizeUrl));
  };
  return { openApi, page: async (origin) => referencePage(JSON.parse(await openApi()), origin) };
}

import { referencePage } from './reference-page.ts';

/** Stands in the description where the token URL belongs: the build does not know who will issue the tokens. */
export const tokenUrlPlaceholder = 'https://issuer.invalid/oauth2/token';

/** What everybody may read. */
export interface Documents {
  /** The OpenAPI document, as JSON. */
  openApi(): Promise<string>;
  /** The same as a page. @param origin where the reader found it */
  page(origin: string): Promise<string>;
}

/**
 * @param built the description as the build has written it
 * @param tokenUrl where clients get their tokens
 */
export function documents(built: () => string, tokenUrl: () => Promise<string>): Documents {
  const openApi = async () => {
    const url = JSON.stringify(await tokenUrl());
    return built().replace(JSON.stringify(tokenUrlPlaceholder), () => url);
  };
  return { openApi, page: async (origin) => referencePage(JSON.parse(await openApi()), origin) };
}

import { collectionLink, processLink, type Shown } from './presented-package.ts';
import { type LandingPage, tompVersion } from './tomp/landing-page.ts';
import { tompCollections, tompProcesses } from './tomp/link.ts';

/** Which parts of OGC API Common are kept to. */
export const conformsTo: readonly string[] = [
  'http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core',
  'http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/json',
];

/** What a partner can do in a city. */
export function presentedLanding(shown: Shown): LandingPage {
  const json = { method: 'GET', type: 'application/json' } as const;
  return {
    ...{ title: shown.system.name, description: `${shown.operatorName}, by TOMP ${tompVersion}` },
    links: [
      { rel: 'conformance', href: `${shown.base}/conformance`, ...json },
      { rel: 'service-desc', href: '/openapi.json', ...json },
      ...tompProcesses.map((process) => processLink(shown, process)),
      ...tompCollections.map((collection) => collectionLink(shown, collection)),
    ],
  };
}

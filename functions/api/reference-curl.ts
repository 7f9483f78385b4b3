import { figure, type Json, list, object, text } from './reference-text.ts';

/** From a client's id and secret to the first answer, in lines that a shell takes as they are. */
export function firstCall(api: Json, origin: string): string {
  const schemes = Object.values(object(object(api['components'])['securitySchemes'])).map(object);
  const flow = (name: string) => object(schemes.map(({ flows }) => object(flows)[name]).find((found) => found));
  const { tokenUrl } = flow('clientCredentials');
  const { authorizationUrl } = flow('authorizationCode');
  return `<h2 id="first-call">First call</h2>
<p>A client has an id and a secret: put them into <code>CLIENT_ID</code> and <code>CLIENT_SECRET</code>. A token holds for an hour and carries all scopes that the client is allowed; <code>scope=…</code> in the request asks for fewer.</p>
${figure(`API=${quoted(origin)}
TOKEN=$(curl -s -u "$CLIENT_ID:$CLIENT_SECRET" -d grant_type=client_credentials \\
  ${quoted(String(tokenUrl))} | jq -r .access_token)`)}
${figure(`curl -s -H "authorization: Bearer $TOKEN" "$API/v1/vehicles?limit=3" | jq`)}
<p>What a person does wants that person's token: an app sends them to <code>${text(authorizationUrl)}</code> (authorization code with PKCE, <code>code_challenge_method=S256</code>), and trades the code it gets back at the same token URL, with its <code>client_id</code> and without a secret. In the examples it is <code>$PERSON</code>.</p>
<p>Every example below is such a line. Where an identifier is wanted, it stands there as a variable: <code>$VEHICLE_ID</code>.</p>`;
}

/** The operation as a line for the shell of the first call. */
export function curlOf(method: string, path: string, operation: Json): string {
  const parameters = list(operation['parameters']).map(object);
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const { example } = parameters.find((parameter) => parameter['name'] === name) ?? {};
    return example === undefined ? `$${name.replaceAll(/[A-Z]/g, '_$&').toUpperCase()}` : String(example);
  });
  const query = parameters
    .filter(({ in: place, required, example }) => place === 'query' && required === true && example !== undefined)
    .map(({ name, example }) => `${name}=${example}`)
    .join('&');
  const lines = [
    `curl -s ${method === 'GET' ? '' : `-X ${method} `}-H "authorization: Bearer ${isForPersons(operation) ? '$PERSON' : '$TOKEN'}"`,
    `"$API${filled}${query === '' ? '' : `?${query}`}"`,
    ...(isKeyed(parameters) ? [`-H "idempotency-key: $(uuidgen)"`] : []),
    ...bodyOf(object(operation['requestBody'])),
  ];
  const line = lines.join(' ');
  return figure(line.length <= 100 ? line : lines.join(' \\\n  '));
}

function isKeyed(parameters: readonly Json[]): boolean {
  return parameters.some(({ name, required }) => name === 'Idempotency-Key' && required === true);
}

function bodyOf(body: Json): string[] {
  const [entry] = Object.entries(object(body['content']));
  if (entry === undefined) return [];
  const [mediaType, content] = entry;
  const [example] = Object.values(object(object(content)['examples'])).map(object);
  return [`-H 'content-type: ${mediaType}'`, `-d ${quoted(JSON.stringify(example?.['value']))}`];
}

/** One word of the shell, whatever is in it. */
function quoted(word: string): string {
  return /^[\w.:/-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function isForPersons(operation: Json): boolean {
  return list(operation['security']).some((one) => object(one)['personSignIn'] !== undefined);
}

/** The scopes of which the operation needs one. */
export function scopeBadges(operation: Json): string {
  // Every token of a person has such a scope: what counts is that they have signed in.
  if (isForPersons(operation)) return '<span class="scopes"><span class="scope">a signed-in person</span></span>';
  const scopes = list(operation['security']).flatMap((one) => Object.values(object(one)).flatMap(list));
  if (scopes.length === 0) return '';
  const badges = scopes.map((scope) => `<span class="scope">${text(scope)}</span>`);
  return `<span class="scopes">${scopes.length > 1 ? '<small>one of</small> ' : ''}${badges.join(' ')}</span>`;
}

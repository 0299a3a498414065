// A certified OpenID provider for trying the shop against it: oidc-provider with the demo customers, the shop as its one client,
// and the means an operator has, on an address of their own. For this machine only: everything secret in it is known to all the world.
//
//   npm ci && npm start
//
// ISSUER          the provider's address as browser and shop see it (http://idp.localhost:8081)
// ADDR            where it listens (127.0.0.1 and the issuer's port)
// OPERATOR_ADDR   where an operator rotates keys and ends sessions; nowhere when empty
// SHOP_URL        the shop's address as browsers see it (http://localhost:8080)
// CLIENT_JWKS     the shop's public keys, by which it proves itself then instead of by its secret
// BACKCHANNEL_URL where the shop takes logout tokens (below SHOP_URL)
// STOP_WITH_INPUT with 1 it ends when its standard input does, and so with the program that started it

import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import http from 'node:http';

import Provider from 'oidc-provider';

import { Memory } from './memory.js';
import { loginPage, logoutPage } from './pages.js';

const env = (name, otherwise) => process.env[name] || otherwise;
const issuer = env('ISSUER', 'http://idp.localhost:8081');
const shop = env('SHOP_URL', 'http://localhost:8080');
const day = 24 * 60 * 60;

const people = [
  { sub: 'e5a1f1de-0000-4000-8000-00000000a11c', email: 'alice@example.test', name: 'Alice Ambrose', given_name: 'Alice', family_name: 'Ambrose' },
  { sub: 'e5a1f1de-0000-4000-8000-00000000b0b0', email: 'bob@example.test', name: 'Bob Bellamy', given_name: 'Bob', family_name: 'Bellamy' },
];
const bySubject = (sub) => people.find((p) => p.sub === sub);
const byEmail = (email) => people.find((p) => p.email === email);

const scope = 'openid profile email';
const cookieKeys = [randomBytes(32).toString('base64url')];

const settings = (keys) => ({
  adapter: Memory,
  jwks: { keys },
  clients: [{
    client_id: 'shop',
    ...(process.env.CLIENT_JWKS
      ? { token_endpoint_auth_method: 'private_key_jwt', jwks: JSON.parse(process.env.CLIENT_JWKS) }
      : { client_secret: 'shop-secret' }),
    grant_types: ['authorization_code'],
    response_types: ['code'],
    redirect_uris: [`${shop}/auth/callback`],
    post_logout_redirect_uris: [`${shop}/signed-out`],
    backchannel_logout_uri: env('BACKCHANNEL_URL', `${shop}/auth/backchannel-logout`),
    backchannel_logout_session_required: true,
  }],
  claims: { openid: ['sub'], profile: ['name', 'given_name', 'family_name'], email: ['email', 'email_verified'] },
  cookies: { keys: cookieKeys },
  features: {
    devInteractions: { enabled: false },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: { enabled: true, logoutSource: (ctx, form) => { ctx.body = logoutPage(form); } },
  },
  // By itself it sends nothing to loopback addresses, and the shop is at one.
  fetch: (url, { dispatcher, ...options }) => fetch(url, options),
  findAccount: (_ctx, sub) => {
    const person = bySubject(sub);
    return person && { accountId: sub, claims: () => ({ ...person, email_verified: true }) };
  },
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  // The shop is the operator's own, so nobody is asked whether it may know their name.
  loadExistingGrant: async (ctx) => {
    const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
    grant.addOIDCScope(scope);
    await grant.save(day);
    return grant;
  },
  pkce: { required: () => true },
  scopes: scope.split(' '),
  ttl: { AccessToken: 300, AuthorizationCode: 60, Grant: day, IdToken: 300, Interaction: 600, Session: day / 3 },
});

const newKey = () => ({
  ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }),
  kid: randomUUID(), alg: 'RS256', use: 'sig',
});

let keys;
let provider;
let answer;

// sign makes the first of some keys the one that signs. The library takes keys only at its start, so this is a start without an end.
function sign(withKeys) {
  keys = withKeys;
  provider = new Provider(issuer, settings(keys));
  provider.on('backchannel.error', (_ctx, err) => console.error('logout token not delivered:', err.message));
  provider.on('server_error', (_ctx, err) => console.error('error:', err));
  answer = provider.callback();
}

// interaction is the login page, and what is posted there.
async function interaction(req, res) {
  const { prompt, session } = await provider.interactionDetails(req, res);
  const known = (session && bySubject(session.accountId)?.email) || '';
  if (prompt.name !== 'login') throw new Error(`there is no page for ${prompt.name}`);
  if (req.method !== 'POST') return show(res, 200, loginPage(req.url, { known }));
  const form = new URLSearchParams(await body(req));
  if (form.get('do') === 'cancel') return provider.interactionFinished(req, res, { error: 'access_denied' });
  const person = byEmail(form.get('email'));
  if (!person || form.get('password') !== 'password') {
    return show(res, 422, loginPage(req.url, { known: form.get('email') ?? '', problem: 'That e-mail address and password do not belong together.' }));
  }
  return provider.interactionFinished(req, res, { login: { accountId: person.sub } }, { mergeWithLastSubmission: false });
}

function show(res, status, html) {
  res.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }).end(html);
}

async function body(req) {
  let text = '';
  for await (const part of req) {
    text += part;
    if (text.length > 64 * 1024) throw new Error('the form is too large');
  }
  return text;
}

// endSessions ends sessions as an operator does, and notifies the shop: by sid for one session, by subject alone for all of a person's.
async function endSessions(query) {
  const [sid, person] = [query.get('sid'), byEmail(query.get('email'))];
  const meant = Memory.all('Session').filter((s) => (sid ? s.authorizations?.shop?.sid === sid : person && s.accountId === person.sub));
  for (const { jti } of meant) await (await provider.Session.find(jti))?.destroy();
  if (meant.length > 0) await (await provider.Client.find('shop')).backchannelLogout(meant[0].accountId, sid ?? undefined);
  return meant.length;
}

const operations = {
  '/keys/rotate': () => sign([newKey(), ...keys]),
  '/keys/withdraw': () => sign([newKey()]),
  '/sessions/end': endSessions,
};

async function operate(req, res) {
  const { pathname, searchParams } = new URL(req.url, 'http://operator');
  const operation = req.method === 'POST' && operations[pathname];
  if (!operation) return res.writeHead(404).end();
  return res.writeHead(200).end(JSON.stringify((await operation(searchParams)) ?? null));
}

const guarded = (handler) => (req, res) => Promise.resolve(handler(req, res)).catch((err) => {
  console.error('error:', err.message);
  if (!res.headersSent) res.writeHead(400, { 'content-type': 'text/plain' });
  res.end('That did not work.\n');
});

// listen opens an address and prints it, so that a program which let the system choose the port learns it.
function listen(name, addr, handler) {
  const [, host, port] = /^(.*):(\d+)$/.exec(addr);
  const server = http.createServer(guarded(handler));
  server.listen(Number(port), host, () => console.log(`${name} ${server.address().address}:${server.address().port}`));
}

sign([newKey()]);
if (process.env.OPERATOR_ADDR) listen('operator', process.env.OPERATOR_ADDR, operate);
listen('provider', env('ADDR', `127.0.0.1:${new URL(issuer).port || 80}`), (req, res) => (req.url.startsWith('/interaction/') ? interaction(req, res) : answer(req, res)));
if (process.env.STOP_WITH_INPUT === '1') process.stdin.on('end', () => process.exit(0)).resume();

// A real provider of identity on loopback (oidc-provider), whose test may have its keys rotated and its tokens spoiled.
//
//     node tests/browser/provider.mjs PORT HOST SETTINGS
//
// SETTINGS: JSON, {clients, people: {NAME: claims}, inToken}. POST /__test takes {rotate, spoil, people, minutes}.
import { createServer } from "node:http";
import { createRequire } from "node:module";

const { resolve } = createRequire(new URL("../../frontend/package.json", import.meta.url));
const { Provider } = await import(resolve("oidc-provider"));
const jose = await import(resolve("jose"));

const [port, host, settings] = process.argv.slice(2);
const issuer = `http://${host}:${port}`;
const state = { spoil: null, ...JSON.parse(settings) };
let current;
let signing;

const pair = async (kid) => {
  const { privateKey, publicKey } = await jose.generateKeyPair("RS256", { extractable: true });
  return { kid, privateKey, publicKey, jwk: { ...(await jose.exportJWK(privateKey)), kid, use: "sig", alg: "RS256" } };
};

// Keys are rotated by a new provider: what it remembers of sign-ins is kept beside it.
async function begin() {
  signing = await pair(`key-${Date.now()}`);
  const provider = new Provider(issuer, {
    clients: state.clients,
    jwks: { keys: [signing.jwk] },
    cookies: { keys: ["a-key-of-the-tests"] },
    claims: { email: ["email", "email_verified"], groups: ["groups", "regions"] },
    conformIdTokenClaims: !state.inToken,
    features: { backchannelLogout: { enabled: true }, rpInitiatedLogout: { enabled: true } },
    ttl: { Session: 3600, Grant: 3600, AccessToken: 600, IdToken: 600, Interaction: 600, AuthorizationCode: 60 },
    // By itself it calls nobody on loopback.
    fetch: (address, { dispatcher: _, ...options }) => fetch(address, options),
    findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, ...state.people[sub] }) }),
  });
  provider.use(async (ctx, next) => {
    await next();
    if (ctx.path === "/token" && ctx.body?.id_token && state.spoil) {
      ctx.body = { ...ctx.body, id_token: await spoiled(ctx.body.id_token, state.spoil) };
      state.spoil = null;
    }
  });
  provider.on("backchannel.error", (_, error) => console.error(error));
  current = provider.callback();
}

const text = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const signed = (claims, { privateKey, kid } = signing) =>
  new jose.SignJWT(claims).setProtectedHeader({ alg: "RS256", kid }).sign(privateKey);

async function spoiled(token, how) {
  const claims = jose.decodeJwt(token);
  const now = Math.floor(Date.now() / 1000);
  const ways = {
    none: () => `${text({ alg: "none" })}.${text(claims)}.`,
    hs256: async () =>
      new jose.SignJWT(claims)
        .setProtectedHeader({ alg: "HS256", kid: signing.kid })
        .sign(new TextEncoder().encode(await jose.exportSPKI(signing.publicKey))),
    audience: () => signed({ ...claims, aud: "another" }),
    party: () => signed({ ...claims, aud: [claims.aud, "another"], azp: "another" }),
    issuer: () => signed({ ...claims, iss: "https://evil.example" }),
    nonce: () => signed({ ...claims, nonce: "of another sign-in" }),
    expired: () => signed({ ...claims, exp: now - 3600, iat: now - 7200 }),
    future: () => signed({ ...claims, iat: now + 3600 }),
    skewed: () => signed({ ...claims, iat: now + 30 }),
    stranger: async () => signed(claims, await pair("of nobody")),
    posing: async () => signed(claims, await pair(signing.kid)),
    changed: () => {
      const [head, , end] = token.split(".");
      return [head, text({ ...claims, sub: "admin" }), end].join(".");
    },
  };
  return ways[how]();
}

await begin();
createServer(async (request, response) => {
  if (request.url !== "/__test") return current(request, response);
  let body = "";
  for await (const part of request) body += part;
  const { rotate, ...changed } = JSON.parse(body);
  Object.assign(state, changed);
  if (rotate) await begin();
  response.end("{}");
}).listen(Number(port), () => console.log("ready"));

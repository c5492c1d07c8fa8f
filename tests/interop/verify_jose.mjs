#!/usr/bin/env node
// The same question as verify_jose.py, asked of two npm libraries: jose, and @sd-jwt/sd-jwt-vc with its status list reader.
//
// usage: node verify_jose.mjs DEMO        (after `npm ci` in this folder)
//
// DEMO/roots.json -> trust list -> status list and certificates (whose key must also stand in the issuer's SD-JWT VC metadata).
import { createHash, createPublicKey, verify as verifyEd25519 } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import * as jose from 'jose';
import { SDJwtVcInstance } from '@sd-jwt/sd-jwt-vc';

const demo = process.argv[2];
if (!demo || process.argv.length !== 3) {
  console.error('usage: node verify_jose.mjs DEMO');
  process.exit(1);
}

// --- checks ---------------------------------------------------------------------------------------------------------------------------

let passed = 0;
let failed = 0;

function fail(what, why) {
  failed += 1;
  console.log(`FAIL  ${what}\n      ${why}`);
}

// Passes if `body` runs through, and gives what it returns.
async function check(what, body) {
  try {
    const value = await body();
    passed += 1;
    console.log(`ok    ${what}`);
    return value;
  } catch (error) {
    fail(what, error.message);
    return undefined;
  }
}

// Passes only if `body` fails in the way that `isRefusal` knows: an accident is no refusal.
async function checkRefused(what, isRefusal, body) {
  try {
    await body();
    fail(what, 'it was accepted');
  } catch (error) {
    if (!isRefusal(error)) return fail(what, `${error.name}: ${error.message}`);
    passed += 1;
    console.log(`ok    ${what}`);
  }
}

function equal(found, expected) {
  if (!isDeepStrictEqual(found, expected)) throw new Error(`found ${JSON.stringify(found)}, expected ${JSON.stringify(expected)}`);
}

// --- helpers --------------------------------------------------------------------------------------------------------------------------

const read = (...path) => readFileSync(join(demo, ...path), 'utf8').trim();
const readJson = (...path) => JSON.parse(read(...path));
const list = (...path) => (existsSync(join(demo, ...path)) ? readdirSync(join(demo, ...path)).sort() : []);
const byKid = (jwks) => new Map(jwks.map((jwk) => [jwk.kid, jwk]));
const payloadOf = (jws) => JSON.parse(Buffer.from(jws.split('.')[1], 'base64url'));
const badSignature = (error) => error instanceof jose.errors.JWSSignatureVerificationFailed;

// The JWS with one bit changed in the middle of its payload (part 1) or signature (part 2).
function flipped(jws, part) {
  const parts = jws.split('.');
  const data = Buffer.from(parts[part], 'base64url');
  data[data.length >> 1] ^= 1;
  parts[part] = data.toString('base64url');
  return parts.join('.');
}

// jose: signature, `alg`, `typ`, `exp`, and `iss` where it is given.
async function verifyJwt(jws, jwk, options) {
  const { payload } = await jose.jwtVerify(jws, await jose.importJWK(jwk, 'EdDSA'), {
    algorithms: ['EdDSA'],
    requiredClaims: ['iat', 'exp'],
    ...options,
  });
  equal(payload, payloadOf(jws));
  return payload;
}

// jose accepts the document, under one of `keys`, and does not accept it changed. Gives the claims if it does.
async function checkDocument(what, jws, keys, anotherKey, options) {
  let jwk;
  const claims = await check(`${what}: jose verifies it under a key published for this use`, () => {
    jwk = keys.get(jose.decodeProtectedHeader(jws).kid);
    if (!jwk) throw new Error('its key is not published');
    return verifyJwt(jws, jwk, options);
  });
  if (!claims) return undefined; // what is refused as it is proves nothing when it is refused with a change
  await checkRefused(`${what}: jose refuses it with a bit of the payload flipped`, badSignature, () => verifyJwt(flipped(jws, 1), jwk));
  await checkRefused(`${what}: jose refuses it with a bit of the signature flipped`, badSignature, () => verifyJwt(flipped(jws, 2), jwk));
  await checkRefused(`${what}: jose refuses it under another key`, badSignature, () => verifyJwt(jws, anotherKey));
  return claims;
}

// The ids of the root keys whose signature of the trust list is good. jose's generalVerify is content with one good signature of
// several and cannot count, so each is verified by itself.
async function distinctSigners({ payload, signatures }, roots) {
  const signers = new Set();
  for (const { protected: header, signature } of signatures) {
    const { kid } = jose.decodeProtectedHeader({ protected: header });
    if (!roots.has(kid)) continue;
    try {
      const key = await jose.importJWK(roots.get(kid), 'EdDSA');
      await jose.flattenedVerify({ payload, protected: header, signature }, key, { algorithms: ['EdDSA'] });
      signers.add(kid);
    } catch (error) {
      if (!badSignature(error)) throw error;
    }
  }
  return signers;
}

// @sd-jwt/sd-jwt-vc: signature and `exp` of the certificate, then of the status list, through its own reader of it. It looks neither at
// `typ` nor at the list's `sub` (jose does, above) and does not miss a missing tilde.
async function verifySdJwtVc(text, certificateKeys, statusKeys, iss) {
  let status;
  const { payload } = await new SDJwtVcInstance({
    hasher: (data, algorithm) => createHash(algorithm.replace('-', '')).update(Buffer.from(data)).digest(),
    hashAlg: 'sha-256',
    verifier: ed25519Verifier(certificateKeys),
    statusVerifier: ed25519Verifier(statusKeys),
    statusListFetcher: async (uri) => {
      const path = uri.startsWith(`${iss}/`) ? uri.slice(iss.length + 1) : '';
      if (!/^status\/[0-9]+$/.test(path)) throw new Error(`the list ${uri} is not below ${iss}`);
      return read('publication', path);
    },
    statusValidator: async (found) => {
      status = found;
    },
  }).verify(text);
  return { payload, status };
}

function ed25519Verifier(keys) {
  return (signingInput, signature) => {
    const jwk = keys.get(jose.decodeProtectedHeader(`${signingInput}.${signature}`).kid);
    if (!jwk) return false;
    return verifyEd25519(null, Buffer.from(signingInput), createPublicKey({ key: jwk, format: 'jwk' }), Buffer.from(signature, 'base64url'));
  };
}

// --- the chain ------------------------------------------------------------------------------------------------------------------------

async function walk() {
  // 1. The root keys. Here they are a file; a hospital compares fingerprints by telephone.
  const { iss, roots: { keys: rootKeys, threshold } } = readJson('roots.json');
  const roots = byKid(rootKeys);
  await check(`there are ${roots.size} root keys, ${threshold} of them must sign`, () =>
    equal(roots.size === rootKeys.length && threshold >= 2 && threshold <= roots.size, true));

  // 2. The trust list, signed by enough of them.
  const document = readJson('publication', 'trust-list.json');
  const signers = await distinctSigners(document, roots);
  await check(`the trust list is signed by ${signers.size} root keys: ${[...signers].sort().join(', ')}`, () => equal(signers.size >= threshold, true));
  if (signers.size < threshold) return; // nothing below may be believed
  await check('the trust list with a bit of the payload flipped is signed by nobody', async () => {
    const payload = flipped(`.${document.payload}.`, 1).split('.')[1];
    equal((await distinctSigners({ ...document, payload }, roots)).size, 0);
  });
  await check('one signature twice is one signature', async () => {
    const [first] = document.signatures;
    equal((await distinctSigners({ ...document, signatures: [first, first] }, roots)).size, 1);
  });

  // 3. The keys that the trust list vouches for, by use.
  const trustList = JSON.parse(Buffer.from(document.payload, 'base64url'));
  const keysFor = (use) => byKid(trustList.keys.filter((entry) => entry.use === use).map((entry) => entry.key));
  const statusKeys = keysFor('status');
  await check("every `kid` begins the key's RFC 7638 thumbprint", async () => {
    for (const jwk of [...rootKeys, ...trustList.keys.map((entry) => entry.key)]) {
      equal(jwk.kid, (await jose.calculateJwkThumbprint(jwk)).slice(0, 8));
    }
  });
  const metadata = readJson('publication', '.well-known', 'jwt-vc-issuer');
  const published = byKid(metadata.jwks.keys);
  await check("the issuer's metadata is for this issuer and lists only keys for certificates", () => {
    equal(metadata.issuer, iss);
    for (const { kid, x } of published.values()) equal(x, keysFor('certificate').get(kid)?.x);
  });
  const [aCertificateKey] = published.values();
  const [aStatusKey] = statusKeys.values();

  // 4. The status lists.
  for (const name of list('publication', 'status')) {
    const jws = read('publication', 'status', name);
    await checkDocument(`status list ${name}`, jws, statusKeys, aCertificateKey, { typ: 'statuslist+jwt', subject: `${iss}/status/${name}` });
  }

  // 5. The certificates: SD-JWT VCs without selective claims, that is a JWS and one tilde.
  const certificates = list('certificates').filter((name) => /^NO-PE-.*\.jwt$/.test(name));
  await check(`${demo}/certificates has certificates`, () => equal(certificates.length > 0, true));
  for (const name of certificates) {
    const number = name.replace(/\.jwt$/, '');
    const text = read('certificates', name);
    const jws = text.replace(/~$/, '');
    const claims = await checkDocument(number, jws, published, aStatusKey, { typ: 'dc+sd-jwt', issuer: iss });
    if (!claims) continue;
    await check(`${number}: @sd-jwt/sd-jwt-vc verifies it, finds its status and reads the same claims`, async () => {
      const { payload, status } = await verifySdJwtVc(text, published, statusKeys, iss);
      equal(payload, claims);
      equal(payload.certificate_number, number);
      equal([0, 1, 2, 3].includes(status), true);
    });
    // Not of the payload: this library parses the claims before it verifies, so that half of all flips are "bad JSON" to it.
    await checkRefused(`${number}: @sd-jwt/sd-jwt-vc refuses it with a bit of the signature flipped`,
      (error) => error.message.includes('Invalid JWT Signature'), () => verifySdJwtVc(`${flipped(jws, 2)}~`, published, statusKeys, iss));
  }
}

await check('the chain could be walked', walk);
console.log(`${passed} passed, ${failed} failed`);
process.exit(passed > 0 && failed === 0 ? 0 : 1);

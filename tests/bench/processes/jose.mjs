// npm `jose` on the certificate: a line with the token and the key, then lines with how often to check.
import { createInterface } from 'node:readline';
import { importJWK, jwtVerify } from 'jose';

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const { jws, jwk } = JSON.parse((await lines.next()).value);
const key = await importJWK(jwk, 'EdDSA');
for await (const times of lines) {
  const before = process.cpuUsage();
  for (let time = 0; time < Number(times); time++) {
    await jwtVerify(jws, key, { algorithms: ['EdDSA'], typ: 'dc+sd-jwt' });
  }
  const { user, system } = process.cpuUsage(before);
  console.log((user + system) * 1000);
}

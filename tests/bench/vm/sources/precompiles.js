// Valid input for each precompile: a good signature, points on the curves, a proof that holds.
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const find = createRequire(path.resolve(import.meta.dirname, '../../../e2e/package.json'));
const load = (name) => import(pathToFileURL(find.resolve(name)).href);
const { bn254 } = await load('@noble/curves/bn254.js');
const { bls12_381 } = await load('@noble/curves/bls12-381.js');
const { p256 } = await load('@noble/curves/nist.js');
const { secp256k1 } = await load('@noble/curves/secp256k1.js');
const { sha256 } = await load('@noble/hashes/sha2.js');

const bytes = (size) => { // always the same ones, without a pattern
  let all = '';
  for (let i = 0; all.length < 2 * size; i++) all += Buffer.from(sha256(Uint8Array.of(i >> 8, i & 255))).toString('hex');
  return all.slice(0, 2 * size);
};
const number = (value, size = 32) => BigInt(value).toString(16).padStart(2 * size, '0');
const scalar = (index) => BigInt(`0x${bytes(32 * (index + 1)).slice(-64)}`);
const digest = Uint8Array.from(Buffer.from(bytes(32), 'hex'));
const key = Uint8Array.from(Buffer.from(number(scalar(1) >> 4n), 'hex'));
const hex = (array) => Buffer.from(array).toString('hex');

// ---- signatures ----

function ecrecover() {
  const signature = secp256k1.sign(digest, key, { prehash: false, format: 'recovered' }); // parity, r, s
  return hex(digest) + number(27 + signature[0]) + hex(signature.slice(1));
}

function p256_verify() {
  const signature = p256.sign(digest, key, { prehash: false, lowS: false });
  return hex(digest) + hex(signature) + hex(p256.getPublicKey(key, false).slice(1));
}

// ---- points ----

const affine = (point) => point.toAffine();
const bn_g1 = (k) => { const p = affine(bn254.G1.Point.BASE.multiply(k % bn254.fields.Fr.ORDER)); return number(p.x) + number(p.y); };
const bn_g2 = (k) => {
  const p = affine(bn254.G2.Point.BASE.multiply(k % bn254.fields.Fr.ORDER));
  return number(p.x.c1) + number(p.x.c0) + number(p.y.c1) + number(p.y.c0);
};
const { Fr } = bls12_381.fields;
const bls_point_g1 = (k) => bls12_381.G1.Point.BASE.multiply(k % Fr.ORDER);
const bls_g1 = (k) => { const p = affine(bls_point_g1(k)); return number(p.x, 64) + number(p.y, 64); };
const bls_g2 = (k) => {
  const p = affine(bls12_381.G2.Point.BASE.multiply(k % Fr.ORDER));
  return number(p.x.c0, 64) + number(p.x.c1, 64) + number(p.y.c0, 64) + number(p.y.c1, 64);
};

// e(a G1, G2) e(-a G1, G2) = 1, and once more with other points.
const bn_pairing = () => [0, 1].map((i) => {
  const a = scalar(i) % bn254.fields.Fr.ORDER;
  return bn_g1(a) + bn_g2(7n) + bn_g1(bn254.fields.Fr.ORDER - a) + bn_g2(7n);
}).join('');
const bls_pairing = () => {
  const a = scalar(2) % Fr.ORDER;
  return bls_g1(a) + bls_g2(9n) + bls_g1(Fr.ORDER - a) + bls_g2(9n);
};

// The polynomial a X + b, committed to with the ceremony's second point, opened at z.
function point_evaluation() {
  const tau = bls12_381.G1.Point.fromHex('ad3eb50121139aa34db1d545093ac9374ab7bca2c0f3bf28e27c8dcd8fc7cb42'
    + 'd25926fc0c97b336e9f0fb35e5a04c81');
  const [a, b, z] = [scalar(3), scalar(4), scalar(5)].map((one) => one % Fr.ORDER);
  const commitment = tau.multiply(a).add(bls_point_g1(b)).toHex();
  const proof = bls_point_g1(a).toHex();
  const hash = `01${hex(sha256(Uint8Array.from(Buffer.from(commitment, 'hex')))).slice(2)}`;
  return hash + number(z) + number(Fr.create(a * z + b)) + commitment + proof;
}

// ---- the rest ----

const modexp = (base, exponent, modulus) => number(base.length / 2) + number(exponent.length / 2)
  + number(modulus.length / 2) + base + exponent + modulus;
const odd = (text) => `f${text.slice(1, -1)}1`;
const blake2f = (rounds) => number(rounds, 4) + bytes(64 + 128 + 16) + '01';
const many = (count, item) => Array.from({ length: count }, (_, index) => item(index)).join('');

// name: [address, input, bytes of output, what it is]
export const precompiles = () => ({
  'ecrecover': [0x01, ecrecover(), 32, 'recovers a signer'],
  'sha256': [0x02, bytes(1024), 32, 'SHA-256 of 1 KiB'],
  'sha256-short': [0x02, bytes(32), 32, 'SHA-256 of 32 bytes'],
  'ripemd160': [0x03, bytes(1024), 32, 'RIPEMD-160 of 1 KiB'],
  'identity': [0x04, bytes(1024), 1024, 'copies 1 KiB'],
  'modexp-256': [0x05, modexp(bytes(32), bytes(32), odd(bytes(32))), 32, 'modexp, all of 32 bytes'],
  'modexp-2048': [0x05, modexp(bytes(256), 'ff'.repeat(32), odd(bytes(256))), 256, 'modexp of 256 bytes, exponent of 32'],
  'modexp-rsa': [0x05, modexp(bytes(256), '010001', odd(bytes(256))), 256, 'an RSA-2048 signature'],
  'modexp-even': [0x05, modexp(bytes(128), bytes(128), `${bytes(127)}40`), 128, 'modexp, all of 128 bytes, an even modulus'],
  'bn254-add': [0x06, bn_g1(scalar(0)) + bn_g1(scalar(1)), 64, 'adds two points of BN254'],
  'bn254-mul': [0x07, bn_g1(scalar(0)) + 'ff'.repeat(32), 64, 'multiplies a point of BN254'],
  'bn254-pairing': [0x08, bn_pairing(), 32, 'four pairs over BN254'],
  'blake2f': [0x09, blake2f(12), 64, 'BLAKE2f, 12 rounds'],
  'blake2f-long': [0x09, blake2f(10000), 64, 'BLAKE2f, 10,000 rounds'],
  'point-evaluation': [0x0a, point_evaluation(), 64, 'a KZG proof'],
  'bls-g1-add': [0x0b, bls_g1(scalar(0)) + bls_g1(scalar(1)), 128, 'adds in G1 of BLS12-381'],
  'bls-g1-mul': [0x0c, bls_g1(scalar(0)) + number(scalar(1)), 128, 'multiplies in G1'],
  'bls-g1-msm': [0x0c, many(32, (i) => bls_g1(scalar(i)) + number(scalar(i + 1))), 128, 'sums 32 multiples in G1'],
  'bls-g2-add': [0x0d, bls_g2(scalar(0)) + bls_g2(scalar(1)), 256, 'adds in G2'],
  'bls-g2-mul': [0x0e, bls_g2(scalar(0)) + number(scalar(1)), 256, 'multiplies in G2'],
  'bls-g2-msm': [0x0e, many(16, (i) => bls_g2(scalar(i)) + number(scalar(i + 1))), 256, 'sums 16 multiples in G2'],
  'bls-pairing': [0x0f, bls_pairing(), 32, 'two pairs over BLS12-381'],
  'bls-map-g1': [0x10, number(scalar(6), 64), 128, 'maps a field element to G1'],
  'bls-map-g2': [0x11, number(scalar(6), 64) + number(scalar(7), 64), 256, 'maps a field element to G2'],
  'p256-verify': [0x100, p256_verify(), 32, 'a P-256 signature'],
});

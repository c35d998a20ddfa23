// lwallet's accounts beside other programs: phrases, key files and signatures made by one are
// taken by the other. The readers: ethers, web3.js, viem and Foundry's cast.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { HDNodeWallet, Mnemonic, Wallet, hexlify, randomBytes, verifyMessage, verifyTypedData } from 'ethers';
import { hashTypedData } from 'viem';
import { newFolder, program, run } from './lib/node.js';

const cast = path.resolve(import.meta.dirname, 'node_modules/.bin/cast');
const folder = newFolder();
const password = 'correct horse battery staple';
const env = {
  HOME: folder, XDG_CONFIG_HOME: path.join(folder, 'config'), XDG_DATA_HOME: path.join(folder, 'share'),
  LEITHER_PASSWORD_FILE: path.join(folder, 'password'),
};
const file = (name, text) => {
  writeFileSync(path.join(folder, name), text, { mode: 0o600 });
  return path.join(folder, name);
};

async function lwallet(args, { code = 0, ...options } = {}) {
  const done = await run(program('lwallet'), args, { env, ...options });
  assert.doesNotMatch(done.stderr, /Sanitizer|runtime error:/);
  assert.equal(done.code, code, `lwallet ${args.join(' ')}: ${done.stdout}${done.stderr}`);
  return done;
}
const json = async (...args) => JSON.parse((await lwallet([...args, '--json'])).stdout);

before(() => file('password', `${password}\n`));
after(() => rmSync(folder, { recursive: true, force: true }));

test('a new account comes back from its words in another wallet', async () => {
  const words = path.join(folder, 'words');
  const made = await json('account', 'new', 'alice', '--light', '--phrase-file', words);
  assert.equal(statSync(words).mode & 0o077, 0);
  const phrase = readFileSync(words, 'utf8').trim();
  assert.equal(phrase.split(' ').length, 24);
  assert.equal(HDNodeWallet.fromPhrase(phrase).address, made.address);
  assert.match((await lwallet(['account', 'new', 'late', '--light', '--phrase-file', words], { code: 7 })).stderr, /words is there already and is not overwritten/);
  assert.equal((await json('account', 'list')).accounts.length, 1, 'an account without its words');
});

test('phrases of every length, index and passphrase lead where ethers finds them', async () => {
  for (const [at, size] of [16, 20, 24, 28, 32].entries()) {
    const mnemonic = Mnemonic.fromEntropy(hexlify(randomBytes(size)), at % 2 ? 'TREZOR' : '');
    const index = at * 1000;
    const more = at % 2 ? ['--passphrase-file', file('passphrase', 'TREZOR\n')] : [];
    const taken = await json('account', 'import', `p${size}`, file('phrase', mnemonic.phrase), '--light', '--index', String(index), ...more);
    assert.equal(taken.address, HDNodeWallet.fromMnemonic(mnemonic, `m/44'/60'/0'/0/${index}`).address, mnemonic.phrase);
  }
});

test('a phrase that is wrong is refused with the word, or the checksum', async () => {
  const bad = async (text) => (await lwallet(['account', 'import', 'bad', file('bad', text), '--light'], { code: 5 })).stderr;
  assert.match(await bad('test test test test test test test test test test tset junk'), /word 11, "tset".*did you mean "test"\?/);
  assert.match(await bad('test test test test test test test test test test junk test'), /checksum is wrong/);
  assert.match(await bad('test test junk'), /has 3 words; expected 12/);
  assert.match(await bad('test'), /no key; expected 64 hex digits, a phrase/);
  assert.match((await lwallet(['account', 'import', 'bad', file('phrase', `${'test '.repeat(11)}junk`), '--light',
    '--passphrase-file', file('passphrase', 'café\n')], { code: 5 })).stderr, /not ASCII/);
  assert.match((await lwallet(['account', 'import', 'bad', file('phrase', `${'test '.repeat(11)}junk`), '--index', 'x'], { code: 5 })).stderr, /--index/);
});

test('key files go to cast and come from it', async () => {
  const store = path.join(folder, 'keystore');
  mkdirSync(store);
  await lwallet(['account', 'export', 'alice', path.join(store, 'alice')]);
  const opened = await run(cast, ['wallet', 'decrypt-keystore', '--keystore-dir', store, 'alice', '--unsafe-password', password], { env });
  const key = opened.stdout.match(/0x[0-9a-f]{64}/)?.[0];
  assert.ok(key, opened.stdout + opened.stderr);
  const { accounts } = await json('account', 'list');
  assert.equal(new Wallet(key).address, accounts.find((one) => one.name === 'alice').address);

  const other = Wallet.createRandom();
  const made = await run(cast, ['wallet', 'import', '--keystore-dir', store, 'theirs', '--private-key', other.privateKey, '--unsafe-password', password], { env });
  assert.equal(made.code, 0, made.stderr);
  assert.deepEqual(readdirSync(store).sort(), ['alice', 'theirs']);
  const taken = await json('account', 'import', 'theirs', path.join(store, 'theirs'), '--light', '--old-password-file', env.LEITHER_PASSWORD_FILE);
  assert.equal(taken.address, other.address);
});

// web3.js reads and writes key files with geth's own names and order of fields.
test('key files go to web3.js and come from it', async () => {
  const { decrypt, encrypt } = (await import('web3')).eth.accounts;
  const opened = await decrypt(JSON.parse((await lwallet(['account', 'export', 'alice'])).stdout), password);
  const { accounts } = await json('account', 'list');
  assert.equal(opened.address, accounts.find((one) => one.name === 'alice').address);
  const other = Wallet.createRandom();
  for (const kdf of ['scrypt', 'pbkdf2']) {
    const written = await encrypt(other.privateKey, password, kdf === 'scrypt' ? { kdf, n: 4096, r: 8, p: 1 } : { kdf, c: 10000 });
    const taken = await json('account', 'import', `web3${kdf}`, file('web3.json', JSON.stringify(written)), '--light', '--old-password-file', env.LEITHER_PASSWORD_FILE);
    assert.equal(taken.address, other.address);
  }
});

test('damaged key files and wrong passwords are told apart and change nothing', async () => {
  const whole = JSON.parse((await lwallet(['account', 'export', 'alice'])).stdout);
  const cases = [
    [{ ...whole, crypto: { ...whole.crypto, mac: '00'.repeat(32) } }, /password|damaged/],
    [{ ...whole, version: 4 }, /of version 3/],
    [{ ...whole, crypto: { ...whole.crypto, cipher: 'rot13' } }, /cipher/],
    [{ ...whole, address: '00'.repeat(20) }, /address/],
    [{ version: 3 }, /crypto/],
  ];
  for (const [document, words] of cases) {
    const name = file('damaged.json', JSON.stringify(document));
    const refused = await lwallet(['account', 'import', 'bad', name, '--old-password-file', env.LEITHER_PASSWORD_FILE], { code: 5 });
    assert.match(refused.stderr, words);
  }
  const wrong = file('wrong', 'not it\n');
  assert.match((await lwallet(['account', 'sign', 'x', '--account', 'alice', '--password-file', wrong], { code: 5 })).stderr, /wrong password/);
});

const { address } = Wallet.createRandom();
const typed = {
  types: {
    EIP712Domain: [{ name: 'name', type: 'string' }, { name: 'chainId', type: 'uint256' }, { name: 'verifyingContract', type: 'address' }],
    Item: [{ name: 'what', type: 'bytes32' }, { name: 'amounts', type: 'uint96[]' }, { name: 'pair', type: 'int8[2]' }],
    Order: [{ name: 'who', type: 'address' }, { name: 'items', type: 'Item[]' }, { name: 'grid', type: 'Item[1][2]' },
      { name: 'memo', type: 'string' }, { name: 'raw', type: 'bytes' }, { name: 'urgent', type: 'bool' }],
  },
  primaryType: 'Order',
  domain: { name: 'Shop', chainId: 77, verifyingContract: address },
  message: {
    who: address, memo: 'grüße \u0007', raw: '0x00ff', urgent: true,
    items: [{ what: `0x${'11'.repeat(32)}`, amounts: ['79228162514264337593543950335', 0], pair: [-128, 127] }],
    grid: [[{ what: `0x${'22'.repeat(32)}`, amounts: [], pair: [-1, 1] }], [{ what: `0x${'33'.repeat(32)}`, amounts: [5], pair: [0, 0] }]],
  },
};

test('messages and typed documents are signed as ethers and viem expect', async () => {
  const { accounts } = await json('account', 'list');
  const signer = accounts.find((one) => one.name === 'alice').address;
  const as = ['--account', 'alice'];
  for (const text of ['hello', '', 'grüße\n', '0x1234']) {
    const { signature } = await json('account', 'sign', text, ...as);
    assert.equal(verifyMessage(text, signature), signer);
    await lwallet(['account', 'verify', 'alice', signature, text]);
    assert.match((await lwallet(['account', 'verify', 'alice', signature, `${text}!`], { code: 1 })).stderr, /not signed by alice/);
    const wrong = `${signature.slice(0, -2)}1d`;
    assert.match((await lwallet(['account', 'verify', 'alice', wrong, text], { code: 2 })).stderr, /ends with 29; expected 27, 28, 0 or 1/);
  }
  const document = file('typed.json', JSON.stringify(typed));
  const { signature, digest } = await json('account', 'sign', '--typed', document, ...as);
  const { EIP712Domain, ...types } = typed.types;
  assert.equal(verifyTypedData(typed.domain, types, typed.message, signature), signer);
  assert.equal(digest, hashTypedData(typed));
  await lwallet(['account', 'verify', 'alice', signature, '--typed', document]);
  const shown = (await lwallet(['account', 'sign', '--typed', document, '--dry-run', ...as])).stdout;
  for (const words of ['nothing was signed', 'Order', 'verifyingContract', '79228162514264337593543950335', 'grüße \\x07', '-128']) {
    assert.ok(shown.includes(words), `${words} is not in\n${shown}`);
  }
  const theirs = await Wallet.fromEncryptedJson((await lwallet(['account', 'export', 'alice'])).stdout, password);
  await lwallet(['account', 'verify', 'alice', await theirs.signMessage('from ethers'), 'from ethers']);
});

test('an address can be shown as a QR code', async () => {
  assert.match((await lwallet(['account', 'qr', 'alice'])).stdout, /█.*\n.*alice 0x/s);
});

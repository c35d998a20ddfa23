// lwallet end to end: accounts that other wallets read, an organisation of one's own, transfers
// followed to finality, contracts; and its exit codes, which never change meaning.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Wallet, encryptKeystoreJson } from 'ethers';
import { newFolder, program, run, startNode } from './lib/node.js';
import { result } from './lib/rpc.js';

const folder = newFolder();
const dataDir = path.join(folder, 'data');
const bob = Wallet.createRandom();
const guestbook = path.resolve(import.meta.dirname, '../../docs/tour/Guestbook.json');
const password = 'correct horse battery staple';
const env = {
  HOME: folder, XDG_CONFIG_HOME: path.join(folder, 'config'), XDG_DATA_HOME: path.join(folder, 'share'),
  LEITHER_PASSWORD_FILE: path.join(folder, 'password'), LEITHER_TOKEN_FILE: path.join(dataDir, 'admin.token'),
};
let node;

// Runs lwallet; `code` is what it must exit with.
async function lwallet(args, { code = 0, ...options } = {}) {
  const done = await run(program('lwallet'), args, { env, ...options });
  assert.doesNotMatch(done.stderr, /Sanitizer|runtime error:/);
  assert.equal(done.code, code, `lwallet ${args.join(' ')}: ${done.stdout}${done.stderr}`);
  return done;
}
const json = async (...args) => JSON.parse((await lwallet([...args, '--json'])).stdout);

before(async () => {
  writeFileSync(env.LEITHER_PASSWORD_FILE, `${password}\n`, { mode: 0o600 });
  const { address } = await json('account', 'new', 'alice', '--light');
  node = await startNode({ chainId: 77060, fund: [`${address}=100`], dataDir });
  env.LEITHER_RPC = node.url;
  env.LEITHER_ACCOUNT = 'alice'; // there will be two
});
after(async () => {
  if (node) await node.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('an account is a key file for its owner only, which ethers opens', async () => {
  const list = await json('account', 'list');
  assert.equal(list.accounts.length, 1);
  const out = path.join(folder, 'exported.json');
  await lwallet(['account', 'export', 'alice', out]);
  assert.equal(statSync(out).mode & 0o077, 0, 'others may read it');
  const opened = await Wallet.fromEncryptedJson(readFileSync(out, 'utf8'), password);
  assert.equal(opened.address.toLowerCase(), list.accounts[0].address.toLowerCase());
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  for (const file of files) {
    const text = readFileSync(path.join(file.parentPath, file.name), 'latin1');
    assert.ok(!text.includes(opened.privateKey.slice(2)), `${file.name} holds the key in the open`);
  }
});

test('a key file of ethers is taken over', async () => {
  const other = Wallet.createRandom();
  const file = path.join(folder, 'ethers.json');
  writeFileSync(file, await encryptKeystoreJson(other, password, { scrypt: { N: 4096 } }));
  const taken = await json('account', 'import', 'savings', file, '--light', '--old-password-file', env.LEITHER_PASSWORD_FILE);
  assert.equal(taken.address.toLowerCase(), other.address.toLowerCase());
});

test('founds an organisation and makes it the default', async () => {
  const plan = await lwallet(['org', 'create', 'acme', '--symbol', 'ACM', '--transparency', 'open', '--account', 'alice', '--dry-run']);
  assert.match(plan.stdout, /ACM/);
  assert.equal((await result(node.url, 'org_list')).length, 1, 'a dry run founded something');
  const done = await lwallet(['org', 'create', 'acme', '--symbol', 'ACM', '--transparency', 'open', '--account', 'alice']);
  assert.match(done.stdout, /acme/);
  assert.equal((await result(node.url, 'org_list')).length, 2);
  const balance = await json('balance');
  assert.equal(balance.symbol, 'ACM');
  assert.equal(Number(balance.balance.replaceAll(',', '')), 1000, 'the founder\'s genesis coin');
});

test('says what is missing before it asks for anything to be signed', async () => {
  const poor = await lwallet(['transfer', '5000000', 'ACM', 'savings'], { code: 1 });
  assert.match(poor.stderr, /alice has only 1000 ACM, not the 5000000 ACM to send; nothing was sent/);
});

// A node that would spend the account's coins on fees, or have it sign for another ledger.
test('signs nothing for a node that asks too much or has become another ledger', async () => {
  const asked = [];
  const answers = {
    eth_chainId: '0x539', eth_getTransactionCount: '0x0', eth_getBalance: `0x${'f'.repeat(40)}`,
    eth_maxPriorityFeePerGas: '0x0', eth_estimateGas: '0x5208', org_get: { symbol: 'EVL' },
    eth_getBlockByNumber: { baseFeePerGas: '0x0' }, eth_sendRawTransaction: `0x${'0'.repeat(64)}`,
  };
  const evil = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += piece;
    const { id, method } = JSON.parse(body);
    asked.push(method);
    response.end(JSON.stringify({ jsonrpc: '2.0', id, result: answers[method] ?? null }));
  });
  await new Promise((done) => evil.listen(0, '127.0.0.1', done));
  const send = (code, ...more) => lwallet(['transfer', '1', 'EVL', 'savings', '--no-wait', '--org', 'evil',
    '--rpc', `http://127.0.0.1:${evil.address().port}`, ...more], { code });
  answers.eth_getBlockByNumber = { baseFeePerGas: '0xffffffffffffff' };
  assert.match((await send(1)).stderr, /fee may be up to .* EVL, more than the 1 EVL allowed/);
  assert.ok(!asked.includes('eth_sendRawTransaction'));
  answers.eth_getBlockByNumber = { baseFeePerGas: '0x0' };
  await send(0);
  assert.ok(asked.includes('eth_sendRawTransaction'));
  asked.length = 0;
  answers.eth_chainId = '0x1';
  assert.match((await send(1)).stderr, /had chain id 1337, and the node now says 1/);
  await send(1, '--chain-id', '1337');
  assert.ok(!asked.includes('eth_sendRawTransaction'));
  await send(0, '--chain-id', '1');
  await send(0);
  evil.close();
  evil.closeAllConnections();
});

test('transfers by name and waits until it is final', async () => {
  await lwallet(['contact', 'add', 'bob', bob.address]);
  const dry = await lwallet(['transfer', '5', 'ACM', 'bob', '--dry-run']);
  assert.match(dry.stdout, /5 ACM/);
  assert.equal(await result(`${node.url}/o/acme`, 'eth_getBalance', [bob.address, 'latest']), '0x0');
  const sent = await json('transfer', '5', 'ACM', 'bob');
  assert.equal(sent.status, 'final');
  assert.equal((await json('balance', 'bob')).wei, String(5n * 10n ** 18n));
  assert.match((await lwallet(['receipt', sent.hash])).stdout, /final|block/i);
  assert.equal(Number((await json('balance', 'bob', '--at', '0')).balance), 0);
});

test('deploys, sends to and calls a contract', async () => {
  const made = await json('contract', 'deploy', guestbook);
  assert.equal(made.status, 'final');
  const sent = await json('contract', 'send', made.contract, 'sign(string)', 'good morning', '--abi', guestbook);
  assert.equal(sent.status, 'final');
  assert.ok(JSON.stringify(sent.events).includes('good morning'), JSON.stringify(sent.events));
  assert.match((await lwallet(['contract', 'call', made.contract, 'last()(string)'])).stdout, /good morning/);
  const refused = await lwallet(['contract', 'send', made.contract, 'sign(string)', ''], { code: 1 });
  assert.match(refused.stderr, /guestbook: say something/);
});

test('what it shows is proven, and the ledger is known by its id', async () => {
  const balance = await json('balance', 'bob');
  assert.equal(balance.verified.by, 1);
  assert.equal(balance.verified.of, 1);
  assert.ok(balance.verified.block >= 1);
  assert.match((await lwallet(['balance', 'bob', '--at', '0'])).stdout, /verified at block 0, whose hash/);
  assert.match((await lwallet(['balance', 'bob', '--at', 'pending'], { code: 8 })).stderr, /in no block yet/);
  assert.equal((await json('balance', 'bob', '--at', 'pending', '--trust')).verified, false);
  // Every kind of transaction there was: transfer, creation, call with an event.
  for (let block = 1; block <= balance.verified.block; block++) {
    const { transactions } = await result(`${node.url}/o/acme`, 'eth_getBlockByNumber', [`0x${block.toString(16)}`, false]);
    for (const hash of transactions) assert.equal((await json('receipt', hash)).verified.block, block);
  }
  const whole = await json('org', 'check');
  assert.ok(whole.transactions >= 3);
  assert.equal(whole.outstanding, '1000 ACM');

  const url = `${node.url}/o/acme`;
  const added = await json('org', 'add', `${url}#${whole.id}`);
  assert.equal(added.id, whole.id);
  assert.equal(added.words.split('-').length, 6);
  assert.equal((await json('org', 'add', `${url}#${added.words}`)).id, whole.id);
  assert.match((await lwallet(['org', 'add', `${url}#0x${'12'.repeat(32)}`], { code: 8 })).stderr, /another id/);
  assert.equal((await json('org', 'check', `${url}#${added.words}`)).blocks >= 3, true);
  assert.match((await lwallet(['org', 'check', `${url}#0x${'12'.repeat(32)}`], { code: 8 })).stderr, /another id/);
  assert.match((await lwallet(['org', 'add', `${url}#two-words`], { code: 2 })).stderr, /"two-words" is no id/);
  assert.match((await lwallet(['org', 'add', `${node.url}/x`], { code: 2 })).stderr, /a path like/);
  assert.match((await lwallet(['org', 'add', 'acme'], { code: 2 })).stderr, /no address of a ledger/);
  assert.ok((await lwallet(['org', 'show'])).stdout.includes(added.words));
  await lwallet(['config', 'unset', 'rpc']);
});

test('each kind of failure has its exit code and a sentence', async () => {
  const cases = [
    [['transfer', '1', 'XYZ', 'bob'], 2, /XYZ/, { codes: [1, 2] }],
    [['transfer', '1', 'ACM', 'nobody'], 4, /nobody/],
    [['transfer', '1000000', 'ACM', 'bob'], 1, /insufficient|has|only/i],
    [['frobnicate'], 2, /frobnicate/],
    [['balance', '--frob'], 2, /frob/],
    [['balance', '--rpc', 'http://127.0.0.1:1'], 3, /127\.0\.0\.1:1/],
    [['balance', '--org', 'nothere'], 4, /nothere/],
    [['account', 'import', 'carol', path.join(folder, 'no-key')], 7, /no-key: No such file/],
    [['contract', 'deploy', path.join(folder, 'no.json')], 7, /no\.json: No such file/],
  ];
  for (const [args, code, words, { codes = [code] } = {}] of cases) {
    const done = await run(program('lwallet'), args, { env });
    assert.ok(codes.includes(done.code), `lwallet ${args.join(' ')}: exit ${done.code}: ${done.stderr}`);
    assert.match(done.stderr, words);
  }
  const wrong = path.join(folder, 'wrong');
  writeFileSync(wrong, 'not the password\n', { mode: 0o600 });
  const locked = await run(program('lwallet'), ['transfer', '1', 'ACM', 'bob', '--password-file', wrong], { env });
  assert.equal(locked.code, 5, locked.stderr);
  assert.match(locked.stderr, /password/);
});

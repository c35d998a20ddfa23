// An organisation of one node and a second one that is invited: link, document, a folder that
// follows; and every link that must not work, each named, refused and without a trace.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Wallet } from 'ethers';
import { startMember, until } from './lib/members.js';
import { freePort, newFolder, program, run } from './lib/node.js';
import { result } from './lib/rpc.js';

const folder = newFolder();
const dataDir = (i) => path.join(folder, String(i));
const nodes = [];
const ports = [];
const env = { HOME: folder, XDG_CONFIG_HOME: path.join(folder, 'config'), XDG_DATA_HOME: path.join(folder, 'share'),
  LEITHER_PASSWORD_FILE: path.join(folder, 'password'), LEITHER_TOKEN_FILE: path.join(dataDir(0), 'admin.token') };

const lnode = (i, ...args) => run(program('lnode'), [...args, '--data-dir', dataDir(i)], { env });
const up = async (i, args = []) => { nodes[i] = await startMember(dataDir(i), ports[i], { args }); };
const orgs = async (i) => (await result(nodes[i].url, 'org_list')).map((org) => org.label);
const height = async (i) => Number(await result(nodes[i].url, 'eth_blockNumber'));
async function invite(...args) {
  const done = await lnode(0, 'invite', 'acme', '--json', ...args);
  assert.equal(done.code, 0, done.stderr);
  return JSON.parse(done.stdout).link;
}
async function refused(i, link, why) {
  const done = await lnode(i, 'join', link);
  assert.equal(done.code, 1, done.stdout);
  assert.match(done.stderr, why);
  assert.deepEqual(readdirSync(path.join(dataDir(i), 'ledgers')).filter((name) => !name.startsWith('acme')), []);
}

before(async () => {
  for (let i = 0; i < 4; i++) ports.push(await freePort());
  for (let i = 0; i < 3; i++) await up(i);
  await up(3, ['--peer-network', '7']);
  writeFileSync(env.LEITHER_PASSWORD_FILE, 'correct horse\n', { mode: 0o600 });
  env.LEITHER_RPC = nodes[0].url;
  for (const args of [['account', 'new', 'alice', '--light'],
    ['org', 'create', 'acme', '--symbol', 'ACM', '--transparency', 'open']]) {
    const done = await run(program('lwallet'), args, { env });
    assert.equal(done.code, 0, done.stderr);
  }
});
after(async () => {
  for (const node of nodes) await node?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('a node that alone has its ledger does not listen; once it invites it does', async () => {
  assert.doesNotMatch(nodes[0].log, /listens for members/);
  const shown = await lnode(0, 'invite', 'acme');
  assert.equal(shown.code, 0, shown.stderr);
  assert.match(shown.stdout, /▀[\s\S]*leither:[A-Za-z0-9_-]+\n\nOne node may join acme with it, within 72 hours/);
  await until('it listens', () => /listens for members/.test(nodes[0].log));
  assert.match((await lnode(0, 'invite', 'other')).stderr, /no organisation other/);
  assert.match((await lnode(0, 'invite', 'acme', '--hours', '0')).stderr, /1 to \d+ hours/);
});

let link;
test('whoever has the link joins, follows, and its users can send', async () => {
  link = await invite();
  const done = await lnode(1, 'join', link);
  assert.equal(done.code, 0, done.stderr);
  assert.match(done.stdout, /^joined acme: /);
  assert.deepEqual(await orgs(1), ['acme']);
  const send = await run(program('lwallet'), ['transfer', '1', 'ACM', Wallet.createRandom().address],
    { env: { ...env, LEITHER_RPC: nodes[1].url } });
  assert.equal(send.code, 0, send.stderr);
  await until('both have it', async () => await height(0) > 0 && await height(1) === await height(0));
  const { orgs: [org] } = JSON.parse((await lnode(1, 'status', '--json')).stdout);
  assert.deepEqual([org.follows, org.membersReachable, org.waits], [true, 1, '']);
});

test('after a restart on both sides it follows still', async () => {
  await nodes[1].kill();
  await nodes[0].kill();
  await up(0);
  env.LEITHER_RPC = nodes[0].url;
  await up(1);
  const send = await run(program('lwallet'), ['transfer', '1', 'ACM', Wallet.createRandom().address], { env });
  assert.equal(send.code, 0, send.stderr);
  await until('it has the new block', async () => await height(1) === await height(0));
});

test('a link that was used, cut, changed, or is to what is here already is refused', async () => {
  await refused(2, link, /used already, by another node/);
  await refused(2, link.slice(0, -20), /cut/);
  await refused(2, `${link.slice(0, 40)}${link[40] === 'A' ? 'B' : 'A'}${link.slice(41)}`, /changed on its way/);
  await refused(2, 'https://example.org', /this is no invitation/);
  assert.match((await lnode(1, 'join', link)).stderr, /has that ledger already, as acme/);
  assert.match((await lnode(1, 'join')).stderr, /which invitation/);
});

test('a node of another network is told so', async () => {
  await refused(3, await invite(), /network 1, and this node is of network 7/);
});

test('a node that cannot be reached is named', async () => {
  const fresh = await invite();
  await nodes[0].stop();
  await refused(2, fresh, /127\.0\.0\.1:\d+, which the invitation names, was not reached/);
  await up(0);
  env.LEITHER_RPC = nodes[0].url;
  const done = await lnode(2, 'join', fresh, '--label', 'acme-two');
  assert.equal(done.code, 0, done.stderr);
  assert.deepEqual(await orgs(2), ['acme-two']);
  assert.ok(existsSync(path.join(dataDir(2), 'ledgers', 'acme-two', 'addresses')));
});

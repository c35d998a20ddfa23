// Several nodes found one organisation by one command of the founder's wallet: all or none. Each
// node here has another policy: its own operator's wallet, a list, anyone, and one that asks.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { startMember, until } from './lib/members.js';
import { freePort, newFolder, program, run } from './lib/node.js';
import { call, result } from './lib/rpc.js';

const folder = newFolder();
const dataDir = (i) => path.join(folder, String(i));
const env = {
  HOME: folder, XDG_CONFIG_HOME: path.join(folder, 'config'), XDG_DATA_HOME: path.join(folder, 'share'),
  LEITHER_PASSWORD_FILE: path.join(folder, 'password'), LEITHER_TOKEN_FILE: path.join(dataDir(0), 'admin.token'),
  LEITHER_ACCOUNT: 'alice',
};
const NODES = 4;
const ports = [];
const nodes = [];
let alice;

async function lwallet(args, code = 0) {
  const done = await run(program('lwallet'), args, { env });
  assert.doesNotMatch(done.stderr, /Sanitizer|runtime error:/);
  assert.equal(done.code, code, `lwallet ${args.join(' ')}: ${done.stdout}${done.stderr}`);
  return done;
}
const accept = (i, ...args) => run(program('lnode'), ['accept', ...args, '--data-dir', dataDir(i)], { env: { HOME: folder } });
const policies = () => [[], ['--founding-policy', 'listed', '--founding-allow', alice], ['--founding-policy', 'anyone'], []];
const rpcPorts = [];
const up = async (i) => {
  nodes[i] = await startMember(dataDir(i), ports[i], { rpcPort: rpcPorts[i], args: policies()[i], env: { HOME: folder } });
};
const create = (label, ...args) => ['org', 'create', label, '--symbol', 'ACM', '--transparency', 'open', '--account', 'alice', '--rpc', nodes[0].url, ...args];
const with_nodes = (...which) => which.flatMap((i) => ['--node', nodes[i].url]);
const organisations = (i) => readdirSync(path.join(dataDir(i), 'ledgers')).filter((name) => !name.startsWith('.'));
const everywhere = (what) => Promise.all(nodes.map(what));
before(async () => {
  writeFileSync(env.LEITHER_PASSWORD_FILE, 'correct horse\n', { mode: 0o600 });
  await lwallet(['account', 'new', 'alice', '--light']);
  await lwallet(['account', 'new', 'mallory', '--light']);
  alice = JSON.parse((await lwallet(['account', 'list', '--json'])).stdout).accounts.find(({ name }) => name === 'alice').address;
  for (let i = 0; i < NODES; i++) {
    ports.push(await freePort());
    rpcPorts.push(await freePort());
    mkdirSync(dataDir(i), { recursive: true });
    await up(i);
  }
});
after(async () => {
  for (const node of nodes) await node.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('a dry run says what that committee means', async () => {
  const { stdout } = await lwallet(create('acme', ...with_nodes(0, 1, 2, 3), '--dry-run'));
  assert.match(stdout, /committee {5}fixed, 4 nodes, mode bft: up to 1 of 4 may be off/);
  assert.match((await lwallet(create('acme', '--mode', 'crash'), 2)).stderr, /--mode goes with/);
});

test('what cannot be is named and refused, and founds nothing', async () => {
  const twice = await lwallet(create('acme', ...with_nodes(1), '--node', `${nodes[1].url}/`), 2);
  assert.match(twice.stderr, /given twice/);
  const same = await lwallet(create('acme', ...with_nodes(1), '--node', nodes[1].url.replace('127.0.0.1', 'localhost')), 1);
  assert.match(same.stderr, /nothing was founded: .* are the same node/);
  const unlisted = await lwallet(create('acme', ...with_nodes(2, 1)).map((word) => (word === 'alice' ? 'mallory' : word)), 1);
  assert.match(unlisted.stderr, /nothing was founded: .* refused: .*on its operator's list/);
  assert.match(unlisted.stdout, new RegExp(`${nodes[2].url} +would take part`));
  const gone = await freePort();
  const down = await lwallet(create('acme', ...with_nodes(1, 2), '--node', `http://127.0.0.1:${gone}`), 3);
  assert.match(down.stderr, /nothing was founded yet: .* not reached/);
  const broken = await call(nodes[2].url, 'org_foundOffer', ['0xab', 'acme', '0x7b7d', `0x${'11'.repeat(65)}`]);
  assert.match(broken.error.message, /session has 1 bytes; expected 16/);
  for (let i = 0; i < NODES; i++) assert.deepEqual(organisations(i), []);
});

test('a node whose operator is asked holds everybody up until there is a word', async () => {
  const waiting = await lwallet(create('refused', ...with_nodes(1, 3), '--timeout', '1'), 6);
  assert.match(waiting.stderr, /nothing was founded yet: 1 of 2 operators have not answered/);
  assert.match(waiting.stdout, /its operator has not answered yet: lnode accept refused/);
  const shown = await accept(3);
  assert.match(shown.stdout, new RegExp(`^refused +refused, coin ACM, session [0-9a-f]{8}\n +founder ${alice}, who gets 1000 ACM\n.*mode bft\n +yes: lnode accept refused`, 'i'));
  const status = await run(program('lnode'), ['status', '--data-dir', dataDir(3)], { env: { HOME: folder } });
  assert.match(status.stdout, /asked {3}to found together with others, 1 waiting for your word: lnode accept/);
  assert.equal((await accept(3, 'nothing')).code, 1);
  assert.equal((await accept(3, '--refuse')).code, 3);
  assert.equal((await accept(3, 'refused', '--refuse')).code, 0);
  const refused = await lwallet(create('refused', ...with_nodes(1, 3)), 1);
  assert.match(refused.stderr, /nothing was founded: .*operator does not want to take part/);
});

test('four nodes found one ledger, and blocks become final on it', async () => {
  const all = create('acme', ...with_nodes(0, 1, 2, 3));
  const asked = await lwallet([...all, '--timeout', '0'], 6);
  assert.match(asked.stdout, new RegExp(`${nodes[0].url} +would take part`), 'the token is its operator\'s word');
  assert.equal((await accept(3, 'acme')).code, 0);
  const done = await lwallet(all);
  assert.match(done.stdout, /^founded acme with 4 nodes, chain id \d+\n/);
  assert.match(done.stdout, /committee {5}mode bft, 3 of 4 decide: up to 1 of 4 may be off; 2 off = the ledger pauses/);
  for (const node of nodes) assert.match(done.stdout, new RegExp(`${node.url} +has it, at 127.0.0.1:\\d+`));
  assert.ok(!existsSync(path.join(env.XDG_CONFIG_HOME, 'leither/foundings/acme.json')));
  const orgs = await everywhere((node) => result(node.url, 'org_get'));
  for (const org of orgs) assert.equal(org.id, orgs[0].id);
  assert.equal(orgs[0].committee.length, NODES);
  const sent = await lwallet(['transfer', '5', 'ACM', '0x00000000000000000000000000000000000a11ce']);
  assert.match(sent.stdout, /sent 5 ACM/);
  assert.match((await lwallet(['balance'])).stdout, /verified at block \d+ by [34] of 4/);
  await until('all have the transfer', async () => (await everywhere((node) => result(node.url, 'eth_getBalance', ['0x00000000000000000000000000000000000a11ce', 'latest'])))
    .every((balance) => BigInt(balance) === 5n * 10n ** 18n));
});

test('one of them is killed, the others go on, and it comes back', async () => {
  await nodes[3].kill();
  await lwallet(['transfer', '1', 'ACM', '0x00000000000000000000000000000000000a11ce']);
  await up(3);
  await until('it has what it missed', async () => BigInt(await result(nodes[3].url, 'eth_getBalance', ['0x00000000000000000000000000000000000a11ce', 'latest'])) === 6n * 10n ** 18n);
});

test('the label of an organisation is taken, and another is founded beside it', async () => {
  const taken = await lwallet(create('acme', ...with_nodes(1, 2)), 1);
  assert.match(taken.stderr, /has an organisation acme; choose another label/);
  const second = JSON.parse((await lwallet([...create('second', ...with_nodes(1, 2)), '--mode', 'crash', '--json'])).stdout);
  assert.deepEqual(second.nodes.map(({ state }) => state), ['founded', 'founded']);
  assert.match(second.meaning, /any 1 of 2 off/);
  assert.equal((await result(`${nodes[2].url}/o/second`, 'org_get')).epoch.mode, 'crash');
});

// Between the wallet and a node: a request that names `method` ends the connection, and `on_seen`
// runs, before the node hears of it; until heal().
function cutAt(node, method, on_seen) {
  let is_cut = true;
  const proxy = net.createServer((near) => {
    const far = net.connect(new URL(node.url).port, '127.0.0.1');
    const end = () => { near.destroy(); far.destroy(); };
    near.on('error', end).on('close', end);
    far.on('error', end).on('close', end);
    far.on('data', (bytes) => near.write(bytes));
    near.on('data', async (bytes) => {
      if (is_cut && bytes.includes(method)) {
        await on_seen();
        end();
      } else far.write(bytes);
    });
  });
  return new Promise((resolve) => {
    proxy.listen(0, '127.0.0.1', () => resolve({ url: `http://127.0.0.1:${proxy.address().port}`, heal: () => { is_cut = false; }, close: () => proxy.close() }));
  });
}

const record = (label) => path.join(env.XDG_CONFIG_HOME, `leither/foundings/${label}.json`);

test('a node that was killed when all had signed is told by the same command', async () => {
  const proxy = await cutAt(nodes[2], 'org_foundComplete', () => nodes[2].kill());
  const command = create('late', ...with_nodes(1), '--node', proxy.url);
  const cut = await lwallet(command, 3);
  assert.match(cut.stderr, /all nodes have signed, but only 1 of 2 have it yet/);
  assert.deepEqual([organisations(1).includes('late'), organisations(2).includes('late')], [true, false]);
  await up(2);
  proxy.heal();
  assert.match((await lwallet([...command, '--grant', '7'], 1)).stderr, /being founded with other choices/);
  assert.match((await lwallet(command)).stdout, /^founded late with 2 nodes/);
  assert.ok(!existsSync(record('late')));
  const [one, two] = await Promise.all([1, 2].map((i) => result(`${nodes[i].url}/o/late`, 'org_get')));
  assert.equal(one.id, two.id);
  proxy.close();
});

test('a founding that was cut off before all had signed founds nothing, and goes on', async () => {
  const proxy = await cutAt(nodes[2], 'org_foundAccept', () => nodes[1].kill());
  const command = create('again', ...with_nodes(1), '--node', proxy.url);
  assert.match((await lwallet(command, 3)).stderr, /nothing was founded yet: .* not reached/);
  await up(1);
  await nodes[2].stop();
  await up(2);
  proxy.heal();
  assert.deepEqual([organisations(1).includes('again'), organisations(2).includes('again')], [false, false]);
  assert.match((await lwallet(command)).stdout, /^founded again with 2 nodes/);
  proxy.close();
});

test('a founder who began anew is not held up by the first try', async () => {
  const proxy = await cutAt(nodes[2], 'org_foundAccept', () => {});
  const first = create('anew', ...with_nodes(1), '--node', proxy.url);
  await lwallet(first, 3);
  proxy.heal();
  assert.match((await lwallet([...first, '--grant', '7'])).stdout, /^founded anew with 2 nodes[\s\S]*genesis coin {2}7 ACM/);
  proxy.close();
});

test('the wallet may be killed at any step: the same command goes on', async () => {
  for (const [label, method] of [['at-offer', 'org_foundOffer'], ['at-accept', 'org_foundAccept'], ['at-complete', 'org_foundComplete']]) {
    let wallet;
    const proxy = await cutAt(nodes[2], method, () => wallet.kill('SIGKILL'));
    const command = create(label, ...with_nodes(1), '--node', proxy.url);
    wallet = spawn(program('lwallet'), command, { env: { ...process.env, ...env }, stdio: 'ignore' });
    const [code, signal] = await once(wallet, 'close');
    assert.equal(signal, 'SIGKILL', `${label}: ended with ${code} before the step came`);
    assert.ok(existsSync(record(label)));
    assert.equal(organisations(1).includes(label), label === 'at-complete');
    assert.equal(organisations(2).includes(label), false);
    proxy.heal();
    assert.match((await lwallet(command)).stdout, new RegExp(`^founded ${label} with 2 nodes`));
    assert.deepEqual([organisations(1).includes(label), organisations(2).includes(label)], [true, true]);
    proxy.close();
  }
});

test('who is not the founder asks in vain, and what was damaged is named', async () => {
  const made = create('mine', ...with_nodes(1), '--node', `http://127.0.0.1:${await freePort()}`);
  await lwallet(made, 3);
  const { session, terms } = JSON.parse(readFileSync(record('mine'), 'utf8'));
  const hex = (text) => `0x${Buffer.from(text).toString('hex')}`;
  const forged = await call(nodes[1].url, 'org_foundOffer', [session, 'mine', hex(terms), `0x${'11'.repeat(64)}00`]);
  assert.match(forged.error.message, /not signed by the founder/);
  const nobody = await call(nodes[1].url, 'org_foundComplete', [session, 'mine', hex(terms), '0x']);
  assert.match(nobody.error.message, /committee's size is 0/);
  assert.match((await call(nodes[1].url, 'org_foundComplete', [session, 'mine', hex(terms), '0x11'])).error.message, /the acceptances have 1 bytes/);
  writeFileSync(record('mine'), '{}');
  assert.match((await lwallet(made, 7)).stderr, /foundings\/mine.json.*is damaged/);
});

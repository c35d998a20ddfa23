// A node that lies about balances and receipts: lwallet believes what is proven and refuses the
// rest with the reason. The liar stands before a real node and alters its answers, in as many
// ways as somebody in its place could try.
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Wallet } from '../e2e/lib/ethers.js';
import { bend, startLiar } from '../e2e/lib/liar.js';
import { newFolder, program, run, startNode } from '../e2e/lib/node.js';
import { result } from '../e2e/lib/rpc.js';
import { say, shows, story, type } from './story.js';

const NOT_PROVEN = 8;
const coin = 10n ** 18n;
const hex = (number) => `0x${number.toString(16)}`;

await story('liar', async () => {
  const folder = newFolder();
  const env = { HOME: folder, XDG_CONFIG_HOME: path.join(folder, 'config'), NO_COLOR: '1' };
  const alice = Wallet.createRandom();
  const bob = Wallet.createRandom().address;
  const honest = await startNode({ chainId: 88010, fund: [`${alice.address}=100`] });
  const other = await startNode({ chainId: 88010, fund: [`${alice.address}=100000`] });
  const liar = await startLiar(honest.url);
  env.LEITHER_RPC = liar.url;
  env.LEITHER_PASSWORD_FILE = path.join(folder, 'password');
  writeFileSync(env.LEITHER_PASSWORD_FILE, 'pass\n', { mode: 0o600 });
  writeFileSync(path.join(folder, 'key'), alice.privateKey, { mode: 0o600 });
  const lwallet = (args, options) => type(program('lwallet'), args, { env, ...options });
  const quietly = (args) => run(program('lwallet'), args, { env });

  await quietly(['account', 'import', 'alice', path.join(folder, 'key'), '--light']);
  await quietly(['contact', 'add', 'bob', bob]);
  const { symbol } = await result(honest.url, 'org_get');
  const sent = [];
  for (const amount of ['1', '2', '3']) {
    sent.push(JSON.parse((await quietly(['transfer', amount, symbol, 'bob', '--json'])).stdout));
  }
  const { hash, block } = sent[1]; // empty blocks may stand between them

  say('\nWhile the node tells the truth:');
  const first = await lwallet(['balance', 'bob']);
  shows(first.code === 0 && /^6 /.test(first.stdout) && /verified at block \d+ by 1 of 1/.test(first.stdout), 'a proven balance is shown, and by whom');
  const proven = await lwallet(['receipt', hash]);
  shows(proven.code === 0 && proven.stdout.includes(`verified at block ${block} by 1 of 1`), 'a proven receipt is shown');
  const absent = await lwallet(['balance', '0x00000000000000000000000000000000000000aa']);
  shows(absent.code === 0 && /^0 /.test(absent.stdout) && /verified/.test(absent.stdout), 'that an account has nothing is proven, too');

  // One lie at a time: what it is called, the command, the alteration, the words of the refusal.
  async function lie(name, args, lies, words) {
    liar.lies = lies;
    say(`\nThe node lies: ${name}`);
    const done = await lwallet(args);
    liar.lies = {};
    shows(done.code === NOT_PROVEN && words.test(done.stderr) && done.stdout === '', `refused: ${words.source}`);
  }
  const rich = hex(1000000n * coin);
  const proof = (change) => ({ eth_getProof: change });
  const finality = (change) => ({ org_getFinalityProof: change });
  const charter = (change) => ({ org_get: (org) => ({ ...org, charter: change(org.charter) }) });
  const balance = ['balance', 'bob'];

  say('\n== balance ==');
  await lie('bob has a million, says the proof\'s label', balance, proof((p) => ({ ...p, balance: rich })), /balance that the node says is not the one it proves/);
  await lie('a changed leaf', balance, proof((p) => ({ ...p, accountProof: p.accountProof.map((node, at) => (at === p.accountProof.length - 1 ? bend(node, 20) : node)) })), /another hash than its parent/);
  await lie('the last node is kept back', balance, proof((p) => ({ ...p, accountProof: p.accountProof.slice(0, -1) })), /a node is missing/);
  await lie('a node too many', balance, proof((p) => ({ ...p, accountProof: [...p.accountProof, '0xc0'] })), /belong to no way/);
  await lie('no proof at all', balance, proof((p) => ({ ...p, accountProof: [] })), /a node is missing/);
  await lie('a list of anything', balance, proof((p) => ({ ...p, accountProof: [7, {}] })), /no list of at most/);
  await lie('thousands of nodes', balance, proof((p) => ({ ...p, accountProof: Array(5000).fill('0xc0') })), /no list of at most/);
  await lie('alice\'s account for bob\'s', balance, proof((p, [, , at]) => result(honest.url, 'eth_getProof', [alice.address, [], at])), /not in the state|not the one it proves/);
  await lie('the state of an earlier block', balance, proof((p, [who]) => result(honest.url, 'eth_getProof', [who, [], '0x1'])), /another hash/);
  await lie('another ledger\'s state', balance, proof((p, [who]) => result(other.url, 'eth_getProof', [who, [], 'latest'])), /another hash/);
  await lie('an error instead of a proof', balance, proof(() => { throw new Error('state is unavailable'); }), /state is unavailable/);
  await lie('a node that proves nothing', balance, proof(() => { throw Object.assign(new Error('no such method'), { code: -32601 }); }), /knows no eth_getProof/);

  say('\n== blocks ==');
  await lie('a header with another state', balance, finality((p) => ({ ...p, proof: bend(p.proof, 300) })), /not final|malformed/);
  await lie('a signature of nobody', balance, finality((p) => ({ ...p, proof: bend(p.proof, p.proof.length - 40) })), /not final: /);
  await lie('the proof of another block', balance, finality(() => result(honest.url, 'org_getFinalityProof', ['0x1'])), /asked for block \d+, the node proves block 1/);
  await lie('another committee\'s signature', balance, finality(async (p) => {
    const theirs = await result(other.url, 'org_getFinalityProof', ['latest']).catch(() => null);
    return theirs ?? { ...p, proof: bend(p.proof, p.proof.length - 100) };
  }), /not final|node proves block/);
  await lie('a proof of nothing', balance, finality((p) => ({ ...p, proof: '0x' })), /malformed/);
  await lie('a proof that is no text', balance, finality((p) => ({ ...p, proof: [1] })), /malformed/);
  await lie('an old block as the newest', balance, { eth_blockNumber: () => '0x1' }, /says block 1 is its newest, and block \d+ was seen before/);
  await lie('a block that is not there', balance, { eth_blockNumber: () => '0x9999' }, /not proven/);

  say('\n== the ledger itself ==');
  const mallory = Wallet.createRandom().address.toLowerCase();
  await lie('a committee of its own', balance, charter((c) => ({ ...c, committee: c.committee.map((member) => ({ ...member, consensus: mallory })) })), /another ledger than the id/);
  await lie('a charter of its own, with the id that fits', balance, { org_get: () => result(other.url, 'org_get') }, /it is another one/);
  await lie('no charter', balance, charter(() => null), /no charter/);
  await lie('a charter that is none', balance, charter((c) => ({ ...c, quorum: -1 })), /founds no ledger/);

  say('\n== receipt ==');
  const show = ['receipt', hash];
  const told = (change) => ({ eth_getTransactionReceipt: (r) => ({ ...r, ...change(r) }) });
  await lie('it failed', show, told(() => ({ status: '0x0' })), /status is not what its block holds/);
  await lie('it cost more', show, told(() => ({ effectiveGasPrice: '0x99' })), /effectiveGasPrice/);
  await lie('it took more gas', show, told((r) => ({ gasUsed: hex(BigInt(r.gasUsed) + 1n) })), /gasUsed/);
  await lie('it went to somebody else', show, told(() => ({ to: mallory })), /recipient/);
  await lie('it came from somebody else', show, told(() => ({ from: mallory })), /sender/);
  await lie('it made a contract', show, told(() => ({ contractAddress: mallory })), /contractAddress/);
  await lie('it had an event', show, told(() => ({ logs: [{ address: mallory, topics: [], data: '0x' }] })), /logs/);
  await lie('it is in another block', show, told(() => ({ blockNumber: hex(sent[2].block) })), /holds no such transaction/);
  await lie('it is in a block to come', show, told(() => ({ blockNumber: '0x9999' })), /not proven/);
  await lie('another transaction\'s receipt', show, { eth_getTransactionReceipt: () => result(honest.url, 'eth_getTransactionReceipt', [sent[0].hash]) }, /holds no such transaction/);
  await lie('a receipt without fields', show, { eth_getTransactionReceipt: () => ({ blockNumber: hex(block) }) }, /lacks fields/);
  await lie('a transaction that never was', ['receipt', `0x${'ab'.repeat(32)}`], { eth_getTransactionReceipt: () => result(honest.url, 'eth_getTransactionReceipt', [hash]) }, /holds no such transaction/);
  await lie('a block with other transactions', show, { debug_getRawBlock: (raw) => bend(raw, raw.length - 60) }, /not those of block|malformed|not the final one/);
  await lie('another block', show, { debug_getRawBlock: () => result(honest.url, 'debug_getRawBlock', ['0x1']) }, /is not the final one/);
  await lie('all receipts altered alike', show, {
    eth_getBlockReceipts: (list) => list.map((r) => ({ ...r, status: '0x0' })),
    ...told(() => ({ status: '0x0' })),
  }, /receipts are not those of block/);
  await lie('a receipt kept back', show, { eth_getBlockReceipts: (list) => list.slice(1) }, /malformed or not 1/);

  say('\n== the whole ledger ==');
  await lie('a block with another state', ['org', 'check'], { org_getBlock: (b) => ({ ...b, container: bend(b.container, 200) }) }, /block 1: /);
  await lie('a certificate of another block', ['org', 'check'], { org_getBlock: async (b) => ({ ...b, finalization: (await result(honest.url, 'org_getBlock', [hex(block)])).finalization }) }, /certificate is for something else/);
  await lie('a signature of nobody', ['org', 'check'], { org_getBlock: (b) => ({ ...b, finalization: bend(b.finalization, b.finalization.length - 20) }) }, /block 1: /);
  const whole = await lwallet(['org', 'check']);
  shows(whole.code === 0 && /everything holds, from block 0 to \d+/.test(whole.stdout) && /with 3 transactions/.test(whole.stdout), 'the true ledger holds, executed again');

  say('\nWho wants to believe the node may:');
  liar.lies = { eth_getBalance: () => rich };
  const believed = await lwallet(['balance', 'bob', '--trust']);
  shows(believed.code === 0 && /^1000000 /.test(believed.stdout) && /not verified/.test(believed.stdout), '--trust says that nothing was verified');
  liar.stop();
  await honest.stop();
  await other.stop();
  rmSync(folder, { recursive: true, force: true });
});

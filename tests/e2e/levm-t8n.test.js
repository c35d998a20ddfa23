// levm t8n as fillers of execution-spec-tests and other harnesses of geth's `evm t8n` drive it.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { Transaction, Wallet, encodeRlp, keccak256 } from 'ethers';
import { levm, newFolder, refuses, trace_of } from './lib/levm.js';

const folder = newFolder();
after(() => rmSync(folder, { recursive: true, force: true }));
const file = (name, content) => {
  const at = path.join(folder, name);
  writeFileSync(at, typeof content === 'string' ? content : JSON.stringify(content));
  return at;
};

const word = (value) => `0x${BigInt(value).toString(16).padStart(64, '0')}`;
const account = (digits) => `0x${digits.padStart(40, '0')}`;
const alice = new Wallet(word(0xa11ce));
const coinbase = account('c0');
const counter = account('1000'); // slot 0 counts calls; LOG1(topic 7, the count)
const counter_code = '0x5f54600101805f555f52600760205fa100';

const env = {
  currentCoinbase: coinbase, currentGasLimit: '0x1c9c380', currentNumber: '0x1', currentTimestamp: '0x3e8',
  currentRandom: word(9), currentBaseFee: '0x7', currentExcessBlobGas: '0x0', withdrawals: [],
  parentBeaconBlockRoot: word(5), blockHashes: { 0: word(0xbeef) },
};
const alloc = {
  [alice.address.toLowerCase()]: { balance: '0xde0b6b3a7640000', nonce: '0x0' },
  [counter]: { balance: '0x0', nonce: '0x1', code: counter_code, storage: { '0x00': '0x05' } },
};
const fields = { type: 2, chainId: 1, nonce: 0, gasLimit: 100000, maxFeePerGas: 10n, maxPriorityFeePerGas: 1n, to: counter, value: 0n, data: '0x' };
const unsigned = {
  type: '0x2', chainId: '0x1', nonce: '0x0', gas: '0x186a0', maxFeePerGas: '0xa', maxPriorityFeePerGas: '0x1',
  to: counter, value: '0x0', input: '0x', accessList: [], v: '0x0', r: '0x0', s: '0x0', secretKey: alice.privateKey,
};
const all_stdin = ['--input.alloc=stdin', '--input.env=stdin', '--input.txs=stdin'];
const all_stdout = ['--output.alloc=stdout', '--output.result=stdout', '--output.body=stdout'];

// One transition over stdin and stdout, of Cancun unless told otherwise.
async function transition(input, ...args) {
  const fork = args.some((one) => one.startsWith('--state.fork')) ? [] : ['--state.fork', 'Cancun'];
  const done = await levm(['t8n', ...all_stdin, ...all_stdout, ...fork, ...args],
    { input: JSON.stringify({ alloc, env, txs: [], ...input }) });
  assert.equal(done.code, 0, done.stderr);
  return JSON.parse(done.stdout);
}
const refused = (code, words, input, ...args) => refuses(
  ['t8n', ...all_stdin, ...all_stdout, '--state.fork', 'Cancun', ...args], code, words,
  { input: typeof input === 'string' ? input : JSON.stringify({ alloc, env, txs: [], ...input }) });

describe('levm t8n', () => {
  test('a call: result, alloc and body have geth\'s members', async () => {
    const raw = await alice.signTransaction(fields);
    const { alloc: out, result, body } = await transition({ txs: [unsigned] });
    assert.deepEqual(Object.keys(result), ['stateRoot', 'txRoot', 'receiptsRoot', 'logsHash', 'logsBloom', 'receipts',
      'currentDifficulty', 'gasUsed', 'currentBaseFee', 'withdrawalsRoot', 'currentExcessBlobGas', 'blobGasUsed']);
    const [receipt] = result.receipts;
    assert.deepEqual(Object.keys(receipt), ['type', 'root', 'status', 'cumulativeGasUsed', 'logsBloom', 'logs',
      'transactionHash', 'contractAddress', 'gasUsed', 'effectiveGasPrice', 'blockHash', 'transactionIndex']);
    assert.equal(receipt.transactionHash, keccak256(raw)); // signed here as ethers signs it
    assert.equal(body, encodeRlp([raw]));
    assert.equal(receipt.status, '0x1');
    assert.equal(receipt.logs[0].data, word(6));
    assert.deepEqual(receipt.logs[0].topics, [word(7)]);
    assert.equal(receipt.logs[0].transactionHash, receipt.transactionHash);
    assert.equal(result.gasUsed, receipt.gasUsed);
    assert.equal(result.currentBaseFee, '0x7');
    assert.equal(result.currentDifficulty, null);

    assert.deepEqual(out[counter], { code: counter_code, storage: { [word(0)]: word(6) }, balance: '0x0', nonce: '0x1' });
    const used = BigInt(receipt.gasUsed);
    assert.equal(BigInt(out[alice.address.toLowerCase()].balance), 10n ** 18n - used * 8n);
    assert.equal(out[alice.address.toLowerCase()].nonce, '0x1');
    assert.equal(BigInt(out[coinbase].balance), used);

    // What it wrote is what it reads: nothing more happens, and the root stays.
    const again = await transition({ alloc: out });
    assert.equal(again.result.stateRoot, result.stateRoot);
    assert.deepEqual(again.alloc, out);
  });

  test('transactions come signed, to be signed, or as RLP', async () => {
    const raw = await alice.signTransaction(fields);
    const { signature } = Transaction.from(raw);
    const signed = { ...unsigned, v: `0x${signature.yParity}`, r: signature.r, s: signature.s };
    delete signed.secretKey;
    const base = await transition({ txs: [unsigned] });
    assert.deepEqual(await transition({ txs: [signed] }), base);
    assert.deepEqual(await transition({ txsRlp: encodeRlp([raw]) }), base);

    // A legacy transaction stands as a list; without protection it has no chain id.
    const legacy = { nonce: '0x0', gas: '0x186a0', gasPrice: '0xa', to: counter, value: '0x1', input: '0x', v: '0x0', r: '0x0', s: '0x0', secretKey: alice.privateKey };
    for (const [txs, chainId] of [[legacy, 1n], [{ ...legacy, protected: false }, 0n]]) {
      const theirs = Transaction.from({ type: 0, nonce: 0, gasLimit: 100000, gasPrice: 10n, to: counter, value: 1n, data: '0x', chainId });
      theirs.signature = alice.signingKey.sign(theirs.unsignedHash);
      const { result, body } = await transition({ txs: [txs] });
      assert.equal(result.receipts[0]?.transactionHash, theirs.hash);
      assert.deepEqual((await transition({ txsRlp: body })).result, result);
    }
    const on_77 = await transition({ txs: [{ ...unsigned, chainId: '0x4d' }] }, '--state.chainid=77');
    assert.equal(on_77.result.receipts[0].transactionHash, keccak256(await alice.signTransaction({ ...fields, chainId: 77 })));
  });

  test('files in, files out, as stdin and stdout have it', async () => {
    const base = await transition({ txs: [unsigned] });
    const out = path.join(folder, 'out');
    const inputs = ['--input.alloc', file('alloc.json', alloc), '--input.env', file('env.json', env)];
    const done = await levm(['t8n', '-state.fork=Cancun', ...inputs, '--input.txs', file('txs.json', [unsigned]),
      '--output.basedir', out, '--output.body=txs.rlp']);
    assert.deepEqual([done.code, done.stdout, done.stderr], [0, '', '']);
    assert.deepEqual(readdirSync(out).sort(), ['alloc.json', 'result.json', 'txs.rlp']);
    const read = (name) => JSON.parse(readFileSync(path.join(out, name), 'utf8'));
    assert.deepEqual({ alloc: read('alloc.json'), result: read('result.json'), body: read('txs.rlp') }, base);
    // Its own body is an input; outputs may be left out or go to stderr.
    const more = await levm(['t8n', '--state.fork=Cancun', ...inputs, '--input.txs', path.join(out, 'txs.rlp'),
      '--output.alloc=', '--output.result', 'stderr']);
    assert.deepEqual([more.code, more.stdout, JSON.parse(more.stderr)], [0, '', { result: base.result }]);
    assert.ok(!existsSync('alloc.json'));
  });

  test('what may not run is rejected by index, and the rest runs', async () => {
    const poor = new Wallet(word(0xb0b));
    const { result, body } = await transition({ txs: [
      { ...unsigned, nonce: '0x5' }, unsigned, { ...unsigned, secretKey: poor.privateKey },
      { ...unsigned, nonce: '0x1', gas: '0xffffffff' }, { ...unsigned, type: '0x3' },
      { ...unsigned, secretKey: undefined, nonce: '0x1' }] });
    assert.equal(result.receipts.length, 1);
    assert.deepEqual(result.rejected.map((one) => one.index), [0, 2, 3, 4, 5]);
    const words = [/nonce too high/, /insufficient funds/, /gas limit/, /blob/, /v, r, s/];
    words.forEach((word_of, i) => assert.match(result.rejected[i].error, word_of));
    assert.equal(body, encodeRlp([await alice.signTransaction(fields)]));
    const foreign = await alice.signTransaction({ ...fields, chainId: 5 });
    const mixed = await transition({ txsRlp: encodeRlp(['0x02ff', foreign, await alice.signTransaction(fields)]) });
    assert.deepEqual(mixed.result.rejected.map((one) => one.index), [0, 1]);
    assert.equal(mixed.result.receipts.length, 1);
  });

  test('rewards, withdrawals and hashes of blocks', async () => {
    const empty = await transition({});
    assert.equal(empty.alloc[coinbase], undefined); // touched and empty
    assert.deepEqual((await transition({}, '--state.reward=-1')).result, empty.result);
    assert.equal((await transition({}, '--state.reward', '0x10')).alloc[coinbase].balance, '0x10');
    const paid = await transition({ env: { ...env, withdrawals: [{ index: '0x0', validatorIndex: '0x1', address: account('77'), amount: '0x3' }] } });
    assert.equal(paid.alloc[account('77')].balance, '0xb2d05e00'); // 3 gwei
    assert.notEqual(paid.result.withdrawalsRoot, empty.result.withdrawalsRoot);
    const asks = { ...alloc, [counter]: { code: '0x5f405f5500' } }; // slot 0 := BLOCKHASH(0)
    const told = await transition({ alloc: asks, txs: [unsigned] });
    assert.equal(told.alloc[counter].storage[word(0)], word(0xbeef));
    await refused(4, /hash of block 0/, { alloc: asks, txs: [unsigned], env: { ...env, blockHashes: {} } });
  });

  test('fees follow from the parent where they are not given', async () => {
    const parent = { ...env, parentBaseFee: '0x3e8', parentGasUsed: '0x1c9c380', parentGasLimit: '0x1c9c380', parentExcessBlobGas: '0x60000', parentBlobGasUsed: '0x20000' };
    delete parent.currentBaseFee;
    delete parent.currentExcessBlobGas;
    const { result } = await transition({ env: parent });
    assert.equal(result.currentBaseFee, '0x465'); // 1000 + 1000/8
    assert.equal(result.currentExcessBlobGas, '0x20000'); // 3 + 1 - 3 blobs
    delete parent.parentBaseFee;
    await refused(3, /'parentBaseFee'/, { env: parent });
  });

  test('a trace goes into a file for each transaction', async () => {
    const out = path.join(folder, 'traces');
    await transition({ txs: [unsigned, { ...unsigned, nonce: '0x1' }] }, '--trace', '--trace.memory', '--output.basedir', out);
    const names = readdirSync(out).sort();
    assert.equal(names.length, 2);
    const hash = keccak256(await alice.signTransaction(fields));
    assert.equal(names[0], `trace-0-${hash}.jsonl`);
    const { steps, end } = trace_of(readFileSync(path.join(out, names[0]), 'utf8'));
    assert.equal(steps[0].opName, 'PUSH0');
    assert.equal(steps.find((step) => step.opName === 'LOG1').memory, word(6));
    assert.equal(steps.at(-1).opName, 'STOP');
    assert.equal(BigInt(end.gasUsed), steps.reduce((sum, step) => sum + BigInt(step.gasCost), 0n));
  });

  test('a fork is run by its rules', async () => {
    // CLZ is Osaka's; without the contracts of EIP-7002 and 7251 no block of Prague ends.
    const clz = { ...alloc, [counter]: { code: '0x60011e5f5500' } };
    const cancun = await transition({ alloc: clz, txs: [unsigned] });
    assert.equal(cancun.result.receipts[0].status, '0x0');
    await refused(2, /no contract/, { alloc: clz, txs: [unsigned] }, '--state.fork=Osaka');
    const contracts = { [account('961ef480eb55e80d19ad83579a64c007002')]: { code: '0x00' }, [account('bbddc7ce488642fb579f8b00f3a590007251')]: { code: '0x60aa5f5360015ff3' } };
    const osaka = await transition({ alloc: { ...clz, ...contracts }, txs: [unsigned] }, '--state.fork=Osaka');
    assert.equal(osaka.alloc[counter].storage[word(0)], word(255));
    assert.deepEqual(osaka.result.requests, ['0x02aa']);
    assert.match(osaka.result.requestsHash, /^0x[0-9a-f]{64}$/);
    const help = await levm(['t8n', '--help']);
    for (const fork of ['Cancun', 'Prague', 'Osaka']) assert.ok(help.stdout.includes(fork));
  });

  test('exit codes tell what was wrong', async () => {
    const without = (name) => Object.fromEntries(Object.entries(env).filter(([key]) => key !== name));
    await refused(3, /'Frontier\+1346' is unknown/, {}, '--state.fork=Frontier+1346');
    await refused(3, /'--nonsense' is unknown/, {}, '--nonsense');
    await refused(3, /'--state.chainid' is not/, {}, '--state.chainid=x');
    for (const name of ['currentRandom', 'withdrawals', 'parentBeaconBlockRoot'])
      await refused(3, new RegExp(`'${name}' is missing`), { env: without(name) });
    await refused(3, /currentDifficulty/, { env: { ...env, currentDifficulty: '0x1' } });
    for (const name of ['currentCoinbase', 'currentGasLimit', 'currentNumber', 'currentTimestamp'])
      await refused(10, new RegExp(`env: '${name}' is missing`), { env: without(name) });
    await refused(10, /stdin: not JSON/, '{');
    await refused(10, /stdin: 'env' is missing/, '{"alloc":{}}');
    await refused(10, /transaction 0: 'gas/, { txs: [{ ...unsigned, gas: 'x' }] });
    await refused(10, /'chainId' is not/, { txs: [{ ...unsigned, chainId: '0x5' }] });
    await refused(10, /'secretKey' is not a key/, { txs: [{ ...unsigned, secretKey: word(0) }] });
    await refused(12, /RLP of a list/, { txsRlp: '0xc2' });
    await refused(12, /RLP of a list/, { txsRlp: '0x80' });
    await refused(12, /RLP of a list/, { txsRlp: '0xc000' });
    await refused(11, /No such file/, {}, '--input.env', path.join(folder, 'nowhere'));
    await refused(11, /nowhere/, {}, '--input.txs', path.join(folder, 'nowhere.rlp'));
    await refused(11, /directory/, {}, '--output.result', path.join(folder));
    await refused(11, /env.json/, {}, '--output.basedir', file('env.json', env));
    await refused(10, /not JSON/, {}, '--input.alloc', file('bad.json', '{"'));
    await refused(10, /txs: expected an array/, {}, '--input.txs', file('object.json', {}));
  });
});

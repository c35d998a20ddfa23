// levm's commands as harnesses written for go-ethereum's `evm` drive them, and as a user does.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { Wallet, encryptKeystoreJson } from 'ethers';
import { levm, newFolder, refuses, trace_of } from './lib/levm.js';
import { program, run } from './lib/node.js';

const folder = newFolder();
after(() => rmSync(folder, { recursive: true, force: true }));
const file = (name, content) => {
  const at = path.join(folder, name);
  writeFileSync(at, typeof content === 'string' ? content : JSON.stringify(content));
  return at;
};
const output = async (args, options) => {
  const done = await levm(args, options);
  assert.equal(done.code, 0, done.stderr);
  return done.stdout;
};
const word = (value) => `0x${BigInt(value).toString(16).padStart(64, '0')}`;

// Returns 2 + 3.
const five = '600260030160005260206000f3';

describe('levm run', () => {
  test('code comes from every place that geth has, and from --code', async () => {
    const from = file('five.hex', `  0x${five}\n`);
    const forms = [[five], [`0x${five}`], ['--code', five], ['--code=0x' + five], ['-code', five],
      ['--codefile', from], ['--codefile=-']];
    for (const form of forms) assert.equal(await output(['run', ...form], { input: five }), `${word(5)}\n`);
    assert.equal(await output(['--code', five, 'run']), `${word(5)}\n`); // options in front
  });

  test('a failure is told behind the output, with exit code 0', async () => {
    assert.equal(await output(['run', '60016000526001601ffd']), '0x01\n error: execution reverted\n');
    assert.equal(await output(['run', '--gas', '5', five]), '0x\n error: out of gas\n');
    assert.equal(await output(['run', '--value', '1', five]), '0x\n error: insufficient balance for transfer\n');
  });

  test('the message is what the options say', async () => {
    const returns = (opcode) => `${opcode}60005260206000f3`;
    const ask = async (opcode, ...args) => BigInt(await output(['run', returns(opcode), ...args]));
    assert.equal(await ask('33'), 0x73656e646572n); // "sender"
    assert.equal(await ask('30'), 0x7265636569766572n); // "receiver"
    assert.equal(await ask('33', '--sender', '0xAb'), 0xabn);
    assert.equal(await ask('30', '--receiver', 'cd'), 0xcdn);
    assert.equal(await ask('3a', '--price', '0x10'), 16n);
    assert.equal(await ask('5f35', '--input', '0x' + 'ff'.repeat(32)), 2n ** 256n - 1n);
    assert.equal(await ask('36', '--inputfile', file('input.hex', '010203\n')), 3n);
    assert.equal(await ask('46'), 1337n);
    assert.equal(await ask('45', '--gas=0x100000'), 0x100000n);
    // The account is warm, the message pays no intrinsic gas, and nothing is created.
    assert.equal(await ask('5a', '--gas', '100000'), 99998n);
  });

  test('a genesis file gives accounts, chain, fork and block', async () => {
    const genesis = file('genesis.json', {
      config: { chainId: 77, shanghaiTime: 0, cancunTime: 0, pragueTime: 50 },
      gasLimit: '0x1000000', timestamp: '0x31', number: 9, coinbase: `0x${'0'.repeat(39)}5`,
      mixHash: word(3), baseFeePerGas: '0x7',
      alloc: {
        [`${'0'.repeat(38)}cd`]: { code: '0x5f545f5260205ff3', storage: { '0x00': '0x2a' } },
        [`0x${'0'.repeat(38)}ab`]: { balance: '1000', nonce: '0x1' },
      },
    });
    assert.equal(await output(['run', '--prestate', genesis, '--receiver', '0xcd']), `${word(42)}\n`);
    assert.equal(await output(['run', '--prestate', genesis, '465f5260205ff3']), `${word(77)}\n`);
    assert.equal(await output(['run', '--prestate', genesis, '485f5260205ff3']), `${word(7)}\n`);
    assert.equal(await output(['run', '--prestate', genesis, '--sender', 'ab', '--value', '400',
      '475f5260205ff3']), `${word(400)}\n`);
    // CLZ is Osaka's: not yet there at this time, there by name.
    assert.match(await output(['run', '--prestate', genesis, '60011e']), /invalid opcode/);
    assert.equal(await output(['run', '--prestate', genesis, '--state.fork', 'Osaka', '60011e']), '0x\n');
  });

  test('a trace has geth\'s lines, members and order', async () => {
    const done = await levm(['run', '--trace', '--gas', '100000', '60015f55600a5f5260205ff3']);
    assert.equal(done.stdout, `${word(10)}\n`);
    const first = done.stderr.split('\n')[0];
    assert.equal(first, '{"pc":0,"op":96,"gas":"0x186a0","gasCost":"0x3","memSize":0,"stack":[],'
      + '"depth":1,"refund":0,"opName":"PUSH1"}');
    const { steps, end } = trace_of(done.stderr);
    assert.deepEqual(steps.map((step) => step.opName),
      ['PUSH1', 'PUSH0', 'SSTORE', 'PUSH1', 'PUSH0', 'MSTORE', 'PUSH1', 'PUSH0', 'RETURN']);
    assert.equal(steps[2].gasCost, '0x5654'); // a new slot, cold
    assert.deepEqual(steps[2].stack, ['0x1', '0x0']);
    assert.equal(steps[6].memSize, 32);
    assert.equal(steps[6].memory, undefined);
    const spent = steps.reduce((sum, step) => sum + BigInt(step.gasCost), 0n);
    assert.equal(BigInt(end.gasUsed), spent);
    assert.equal(end.output, word(10).slice(2));
    assert.equal(end.error, undefined);
  });

  test('a trace goes into calls, names failures, and shows what it is asked to', async () => {
    // MSTORE8(0, 7), then a call of a contract that returns its one byte of input.
    const code = '600760005360016000600160005f73' + '00'.repeat(19) + '045af1';
    const done = await levm(['--json', '--nomemory=false', '--noreturndata=false', '--nostack', 'run', code]);
    const { steps } = trace_of(done.stderr);
    assert.equal(steps.find((step) => step.opName === 'GAS').memory, `0x07${'00'.repeat(31)}`);
    assert.equal(steps.at(-1).opName, 'STOP');
    assert.equal(steps.at(-1).returnData, '0x07');
    assert.equal(steps[0].stack, null);
    const failed = trace_of((await levm(['run', '--json', '01'])).stderr);
    assert.equal(failed.steps[0].error, 'stack underflow');
    assert.equal(failed.steps[0].gasCost, '0x3');
    assert.equal(failed.end.error, 'stack underflow');
  });

  test('what a call is given counts as its cost, what a create is given does not, as in geth', async () => {
    const cost_of = async (name, code) => {
      const { steps } = trace_of((await levm(['run', '--trace', '--gas', '1000000', code])).stderr);
      return Number(steps.find((step) => step.opName === name).gasCost);
    };
    assert.equal(await cost_of('CREATE', '5f5f5ff0'), 32000);
    assert.equal(await cost_of('CREATE', '5f5f6001f0'), 32000); // no balance for it
    assert.equal(await cost_of('CREATE2', '5f60205f5ff5'), 32000 + 3 + 2 + 6);
    assert.equal(await cost_of('CALL', '5f5f5f5f5f61dead61fffff1'), 2600 + 0xffff);
    assert.equal(await cost_of('CALL', '5f5f5f5f600161dead61fffff1'), 2600 + 9000 + 25000 + 0xffff); // no balance
  });

  test('--create deploys, --dump prints the state in geth\'s form', async () => {
    const dumped = await output(['run', '--create', '--dump', '60015f55600a5ff3']);
    const end = dumped.lastIndexOf('}') + 1;
    assert.equal(dumped.slice(end).trim(), `0x${'00'.repeat(10)}`);
    const { root, accounts } = JSON.parse(dumped.slice(0, end));
    assert.match(root, /^[0-9a-f]{64}$/);
    const created = Object.values(accounts).find((account) => account.code !== undefined);
    assert.equal(created.code, `0x${'00'.repeat(10)}`);
    assert.equal(created.nonce, 1);
    assert.equal(created.balance, '0');
    assert.deepEqual(created.storage, { [word(0)]: '01' });
  });

  test('--bench and --statdump say gas and time on stderr', async () => {
    for (const how of ['--statdump', '--bench']) {
      const done = await levm(['run', how, five]);
      assert.equal(done.stdout, `${word(5)}\n`);
      assert.match(done.stderr, /^EVM gas used: {4}24\nexecution time: {2}\d+\.\d+ms\n$/);
    }
  });

  test('wrong usage and wrong input are named', async () => {
    await refuses(['run', '600'], 1, /'code' is not an even number of hex digits/);
    await refuses(['run', '60zz'], 1, /'code' is not/);
    await refuses(['run', '--input', '0x1', five], 1, /'input' is not/);
    await refuses(['run', '--gas', '0x10000000000000000', five], 1, /'--gas' is not a number of at most 64 bits/);
    await refuses(['run', '--gas', '-5', five], 1, /'--gas' is not/);
    await refuses(['run', '--value', '1' + '0'.repeat(78), five], 1, /'--value' is not/);
    await refuses(['run', '--sender', 'xyz', five], 1, /'--sender' is not/);
    await refuses(['run', '--codefile', path.join(folder, 'nowhere')], 1, /nowhere: No such file/);
    await refuses(['run', '--codefile', folder], 1, /directory/);
    await refuses(['run', '--state.fork', 'Berlin', five], 1, /'Berlin' is unknown/);
    await refuses(['run', five, five], 2, /one too many/);
    await refuses(['run', '--code', five, five], 2, /code is given 2 times/);
    await refuses(['run', '--nonsense', five], 2, /'--nonsense' is unknown/);
    await refuses(['run', '--gas'], 2, /'--gas' has no value/);
    await refuses(['run', '--trace.format', 'struct', five], 2, /'struct' is not 'json'/);
    for (const [text, words] of [['', /not JSON/], ['[]', /not an object/], ['{"alloc":5}', /'alloc' is not an object/],
      ['{"gasLimit":"0xfffffffffffffffff"}', /'gasLimit'/], ['{"alloc":{"0x12":{}}}', /'account'/],
      ['{"config":{"shanghaiTime":0}}', /before Cancun/], ['{"config":[]}', /'config'/]])
      await refuses(['run', '--prestate', file('wrong.json', text), five], 1, words);
  });
});

describe('levm statetest', () => {
  const test_of = (data) => ({ case: {
    env: { currentCoinbase: `0x${'0'.repeat(38)}c0`, currentGasLimit: '0x1c9c380', currentNumber: '0x1', currentTimestamp: '0x3e8', currentRandom: word(9), currentBaseFee: '0x7' },
    pre: { [new Wallet(word(1)).address]: { balance: '0xde0b6b3a7640000' } },
    transaction: { nonce: '0x0', gasPrice: '0x10', gasLimit: ['0x186a0'], to: '', value: ['0x0'], data: [data], secretKey: word(1) },
    post: { Cancun: [{ hash: word(0), logs: word(0), indexes: { data: 0, gas: 0, value: 0 } }] },
  } });
  test('a trace has the steps, the end and the root, as geth\'s has', async () => {
    const at = file('state-test.json', test_of('0x60015f5500'));
    for (const args of [['--json', 'statetest', at], ['statetest', '--trace', '--trace.nomemory', at]]) {
      const done = await levm(args);
      const lines = done.stderr.trim().split('\n').map((line) => JSON.parse(line));
      const [verdict] = JSON.parse(done.stdout);
      assert.deepEqual(lines.slice(0, -2).map((step) => step.opName), ['PUSH1', 'PUSH0', 'SSTORE', 'STOP']);
      assert.equal(lines.at(-2).gasUsed, '0x5659');
      assert.deepEqual(lines.at(-1), { stateRoot: verdict.stateRoot });
      assert.equal(verdict.pass, false);
    }
    assert.equal((await levm(['statetest', at])).stderr, '');
  });
});

describe('levm disasm', () => {
  test('an instruction a line, from an argument, a file or stdin', async () => {
    const lines = '00000: PUSH2 0x0102\n00003: ADD\n00004: opcode 0xc not defined\n00005: PUSH3 0x01 (cut: 1 of 3 bytes)\n';
    const code = '610102010c6201';
    assert.equal(await output(['disasm', code]), lines);
    assert.equal(await output(['disasm', file('code.hex', `0x${code}\n`)]), lines);
    assert.equal(await output(['disasm', '-'], { input: code }), lines);
    assert.equal(await output(['disasm', '1e']), '00000: CLZ\n');
    assert.equal(await output(['disasm', '--state.fork=cancun', '1e']), '00000: opcode 0x1e not defined\n');
  });
  test('blocks are cut where flow comes in and goes out', async () => {
    const text = await output(['disasm', '--blocks', '6005565b005b600380600057']);
    assert.deepEqual(text.match(/; .*/g), [
      '; block 00000: 2 instructions, gas 11, needs 0, grows 1',
      '; block 00003: 2 instructions, gas 1, needs 0, grows 0, jump destination',
      '; block 00005: 5 instructions, gas 20, needs 0, grows 3, jump destination',
    ]);
    assert.match(await output(['disasm', '--blocks', '0001']), /; block 00001: .* unreachable\n00001: ADD/);
  });
  test('what is no code is refused', async () => {
    await refuses(['disasm'], 2, /expected code in hex/);
    await refuses(['disasm', '60z'], 1, /neither an even number of hex digits nor a file/);
    await refuses(['disasm', file('text', 'hello')], 1, /'code' is not/);
    await refuses(['disasm', folder], 1, /directory/);
  });
});

describe('levm keystore', () => {
  const key = word(0x0123456789abcdefn);
  test('what it writes, ethers opens, and what ethers writes, it opens', async () => {
    const password = file('password', 'a word\r\nnot this');
    const written = await output(['keystore', 'encrypt', '--light', '--password-file', password], { input: `${key}\n` });
    assert.equal((await Wallet.fromEncryptedJson(written, 'a word')).privateKey, key);
    assert.equal(await output(['keystore', 'decrypt', file('own.json', written), '--password-file', password]), `${key}\n`);
    const theirs = await encryptKeystoreJson(new Wallet(key), 'a word', { scrypt: { N: 1024 } });
    assert.equal(await output(['keystore', 'decrypt', file('theirs.json', theirs), '--password-file', password]), `${key}\n`);
    const wrong = file('wrong-password', 'another');
    await refuses(['keystore', 'decrypt', path.join(folder, 'own.json'), '--password-file', wrong], 1, /wrong password/);
    for (let cut = 0; cut < written.length - 2; cut += 23)
      await refuses(['keystore', 'decrypt', file('cut.json', written.slice(0, cut)), '--password-file', password], 1, /cut.json: key file/);
  });
  test('what geth wrote, it opens', async () => {
    const geths = { address: '7ef5a6135f1fd6a02593eedc869c6d41d934aef8', crypto: {
      cipher: 'aes-128-ctr', ciphertext: '1d0839166e7a15b9c1333fc865d69858b22df26815ccf601b28219b6192974e1',
      cipherparams: { iv: '8df6caa7ff1b00c4e871f002cb7921ed' }, kdf: 'scrypt',
      kdfparams: { dklen: 32, n: 8, p: 16, r: 8, salt: 'e5e6ef3f4ea695f496b643ebd3f75c0aa58ef4070e90c80c5d3fb0241bf1595c' },
      mac: '6d16dfde774845e4585357f24bce530528bc69f4f84e1e22880d34fa45c273e5' },
      id: '950077c7-71e3-4c44-a4a1-143919141ed4', version: 3 }; // from go-ethereum's accounts/keystore/testdata
    const opened = await output(['keystore', 'decrypt', file('geths.json', geths), '--password-file', file('password', 'foobar\n')]);
    assert.equal(new Wallet(opened.trim()).address.toLowerCase(), `0x${geths.address}`);
  });
  test('costs beyond the bounds, wrong keys and wrong usage are refused', async () => {
    const password = file('password', 'a word');
    const theirs = JSON.parse(await encryptKeystoreJson(new Wallet(key), 'a word', { scrypt: { N: 1024 } }));
    const crypto = theirs.Crypto ?? theirs.crypto;
    crypto.kdfparams.n = 2 ** 40;
    await refuses(['keystore', 'decrypt', file('dear.json', theirs), '--password-file', password], 1, /dear.json/);
    for (const bad of ['', '0x12', 'hello', word(0), `0x${'f'.repeat(64)}`])
      await refuses(['keystore', 'encrypt', '--password-file', password], 1, /stdin: expected a key/, { input: bad });
    await refuses(['keystore', 'encrypt'], 2, /--password-file/);
    await refuses(['keystore', 'decrypt', '--password-file', password], 2, /expected 'decrypt FILE'/);
    await refuses(['keystore', 'decrypt', 'x', '--password-file', path.join(folder, 'nowhere')], 1, /nowhere/);
  });
});

describe('levm bench', () => {
  const loop = { name: 'loop', group: 'jumps', code: '0x620f4240' + '5b60019003806004575f5260205ff3', output: word(0), gasUsed: 26000016 };
  test('runs a folder and gives figures', async () => {
    const at = path.join(folder, 'bench');
    mkdirSync(at);
    file('bench/one.json', { ...loop, code: loop.code.replace('0f4240', '000400'), gasUsed: 26 * 1024 + 16 });
    const { workloads } = JSON.parse(await output(['bench', '--json', '--min-ms=1', at]));
    assert.equal(workloads.length, 1);
    assert.equal(workloads[0].gasUsed, 26 * 1024 + 16);
    assert.ok(workloads[0].warm.nsPerGas > 0 && workloads[0].cold.runs > 0);
    assert.match(await output(['bench', '--min-ms', '1', at]), /ns\/gas.*\nloop +jumps +26640 /);
  });
  test('a result that differs ends it', async () => {
    await refuses(['bench', file('differs.json', { ...loop, output: word(1) })], 1, /differs.json: loop: 32 bytes of output differ/);
    await refuses(['bench', file('gas.json', { ...loop, gasUsed: 5 })], 1, /used 26000016 gas, expected 5/);
    await refuses(['bench', folder + '/nowhere'], 1, /nowhere/);
    await refuses(['bench'], 2, /expected a file or folder/);
  });
});

describe('levm', () => {
  test('each command explains itself, and an evm says what harnesses expect of one', async () => {
    const all = await output(['help']);
    for (const name of ['run', 'statetest', 't8n', 'disasm', 'bench', 'keystore', 'rlp', 'trie', 'tx']) {
      assert.ok(all.includes(`levm ${name}`));
      for (const args of [['help', name], [name, '--help'], [name, '-h']])
        assert.match(await output(args), new RegExp(`^levm ${name}\\b`));
    }
    const evm = path.join(folder, 'evm');
    symlinkSync(program('levm'), evm);
    assert.match((await run(evm, ['-v'])).stdout, /^evm version \S+-levm\n$/);
    assert.match(await output(['--version']), /^levm \S+ \(newest fork: osaka\)\n$/);
  });
});

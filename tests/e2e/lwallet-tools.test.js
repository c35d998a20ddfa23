// Around lwallet's commands: replacing what waits, completion in three shells, the manual page,
// help for programs, and that nothing is left undocumented.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Wallet } from './lib/ethers.js';
import { newFolder, program, run, startNode } from './lib/node.js';
import { result } from './lib/rpc.js';

const folder = newFolder();
const alice = Wallet.createRandom();
const bob = Wallet.createRandom().address;
const env = {
  HOME: folder, XDG_CONFIG_HOME: path.join(folder, 'config'), XDG_DATA_HOME: path.join(folder, 'share'),
  LEITHER_PASSWORD_FILE: path.join(folder, 'password'), TERM: 'dumb',
};
let node;

async function lwallet(args, { code = 0, ...options } = {}) {
  const done = await run(program('lwallet'), args, { env, ...options });
  assert.doesNotMatch(done.stderr, /Sanitizer|runtime error:/);
  assert.equal(done.code, code, `lwallet ${args.join(' ')}: ${done.stdout}${done.stderr}`);
  return done;
}
const json = async (...args) => JSON.parse((await lwallet([...args, '--json'])).stdout);
const has = (name) => { try { execFileSync('sh', ['-c', `command -v ${name}`]); return true; } catch { return false; } };

before(async () => {
  writeFileSync(env.LEITHER_PASSWORD_FILE, 'pass\n', { mode: 0o600 });
  writeFileSync(path.join(folder, 'key'), alice.privateKey, { mode: 0o600 });
  node = await startNode({ chainId: 77062, fund: [`${alice.address}=100`] });
  env.LEITHER_RPC = node.url;
  await lwallet(['account', 'import', 'alice', path.join(folder, 'key'), '--light']);
});
after(async () => {
  if (node) await node.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('a transaction that waits is replaced, its fees raised as pools demand', async () => {
  const sign = (nonce, value, fee) => alice.signTransaction({
    type: 2, chainId: 77062, nonce, to: bob, value, gasLimit: 21000, maxFeePerGas: fee, maxPriorityFeePerGas: fee,
  });
  for (const [nonce, fee] of [[1, 0n], [2, 1001n]]) { // beyond a gap, so they wait
    const waiting = await result(node.url, 'eth_sendRawTransaction', [await sign(nonce, 7n, fee)]);
    const dry = await json('transfer', '2', 'DEV', bob, '--replace', waiting, '--dry-run');
    assert.equal(Number(dry.transaction.nonce), nonce);
    const made = await json('transfer', '2', 'DEV', bob, '--replace', waiting, '--no-wait');
    const found = await result(node.url, 'eth_getTransactionByHash', [made.hash]);
    assert.equal(Number(found.nonce), nonce);
    assert.equal(BigInt(found.maxFeePerGas), fee === 0n ? 0n : 1102n, 'a tenth more, rounded up');
    assert.equal(await result(node.url, 'eth_getTransactionByHash', [waiting]), null);
  }
  const first = await json('transfer', '1', 'DEV', bob); // fills the gap
  for (let tries = 0; tries < 100 && Number(await result(node.url, 'eth_getTransactionCount', [alice.address, 'latest'])) < 3; tries++) {
    await new Promise((done) => setTimeout(done, 100));
  }
  assert.equal((await json('balance', bob)).balance, '5', 'the replaced ones were mined too');
  assert.match((await lwallet(['transfer', '1', 'DEV', bob, '--replace', first.hash], { code: 1 })).stderr, /is final in block \d+: too late/);
  assert.match((await lwallet(['transfer', '1', 'DEV', bob, '--replace', `0x${'00'.repeat(32)}`], { code: 4 })).stderr, /no transaction .* waits/);
  assert.match((await lwallet(['transfer', '1', 'DEV', bob, '--replace', '0x12'], { code: 2 })).stderr, /expected a transaction hash/);
  await lwallet(['account', 'new', 'carol', '--light']);
  const waiting = await result(node.url, 'eth_sendRawTransaction', [await sign(9, 7n, 0n)]);
  assert.match((await lwallet(['transfer', '1', 'DEV', bob, '--replace', waiting, '--account', 'carol'], { code: 1 })).stderr, /not by the account that acts|has only/);
});

test('history shows what touched an account, page by page', async () => {
  const whole = await json('history', bob);
  assert.equal(whole.entries.length, 3);
  assert.equal(whole.next, null);
  const hashes = [];
  for (let page = await json('history', bob, '--limit', '1'); ; page = await json('history', bob, '--limit', '1', '--next', page.next)) {
    hashes.push(...page.entries.map((one) => one.transactionHash));
    if (!page.next) break;
  }
  assert.deepEqual(hashes, whole.entries.map((one) => one.transactionHash));
  const shown = (await lwallet(['history', 'alice'])).stdout;
  assert.match(shown, /2 DEV from alice 0x\w+ to 0x\w+\n {4}0x[0-9a-f]{64}/);
  assert.match(shown, /block 0 {2}[-\d]+ [\d:]+ {2}100 DEV by the block itself/);
  assert.match((await lwallet(['history', Wallet.createRandom().address])).stdout, /nothing touched it/);
  assert.match((await lwallet(['history', bob, '--limit', '0'], { code: 2 })).stderr, /--limit "0"/);
  assert.match((await lwallet(['history', bob, '--next', 'junk'], { code: 2 })).stderr, /--next "junk": expected/);
});

const typed = [
  ['account n', /^new$/], ['acc', /^account$/], ['org ', /(?=.*create)(?=.*list)(?=.*check)/s], ['account new --li', /^--light$/],
  ['help contract ', /(?=.*deploy)(?=.*call)(?=.*send)/s], ['config ', /(?=.*set)(?=.*unset)/s], ['transfer 5 DEV bob --no', /^--no-wait$/],
];
const script = async (shell) => {
  const file = path.join(folder, `complete.${shell}`);
  writeFileSync(file, (await lwallet(['completion', shell])).stdout);
  return file;
};

test('bash completes', async () => {
  const file = await script('bash');
  for (const [line, expected] of typed) {
    const words = ['lwallet', ...line.split(' ')];
    const code = `source ${file}; COMP_WORDS=(${words.map((one) => `'${one}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _lwallet; printf '%s\\n' "\${COMPREPLY[@]}"`;
    assert.match(execFileSync('bash', ['-c', code], { encoding: 'utf8' }).trim(), expected, line);
  }
});

test('zsh completes', { skip: !has('zsh') && 'there is no zsh' }, async () => {
  const file = await script('zsh');
  for (const [line, expected] of typed) {
    const words = ['lwallet', ...line.split(' ')];
    const code = `compdef() { :; }; _files() { :; }; compadd() { shift; print -l -- "$@"; }; source ${file};
      words=(${words.map((one) => `'${one}'`).join(' ')}); CURRENT=${words.length}; _lwallet`;
    const offered = execFileSync('zsh', ['-f', '-c', code], { encoding: 'utf8' }).split('\n');
    assert.match(offered.filter((one) => one.startsWith(words.at(-1))).join('\n').trim(), expected, line);
  }
});

test('fish completes', { skip: !has('fish') && 'there is no fish' }, async () => {
  const file = await script('fish');
  for (const [line, expected] of typed.filter(([one]) => !one.startsWith('help'))) {
    const offered = execFileSync('fish', ['--no-config', '-c', `source ${file}; complete -C 'lwallet ${line}'`], { encoding: 'utf8', env: { ...process.env, ...env } });
    assert.match(offered.split('\n').map((one) => one.split('\t')[0]).join('\n').trim(), expected, line);
  }
});

test('every command is in help, manual and completion, for people and for programs', async () => {
  const { commands } = await json('help');
  assert.ok(commands.length > 25);
  const [help, manual, bash] = [(await lwallet(['help'])).stdout, (await lwallet(['man'])).stdout, (await lwallet(['completion', 'bash'])).stdout];
  for (const { command, options } of commands) {
    assert.ok(help.includes(`  ${command} `), command);
    assert.ok(manual.includes(`.B ${command} `) || manual.includes(`.B ${command}\n`), command);
    assert.ok(bash.includes(`'${command}'`), command);
    const own = (await lwallet(['help', ...command.split(' ')])).stdout;
    for (const { name } of options) assert.ok(own.includes(`--${name}`), `${command} --${name}`);
    assert.deepEqual((await json('help', ...command.split(' '))).help.options, options);
  }
  assert.match((await lwallet(['completion', 'tcsh'], { code: 2 })).stderr, /bash, zsh or fish/);
});

test('the manual page is one that man shows without complaint', { skip: !has('groff') && 'there is no groff' }, async () => {
  const page = path.join(folder, 'lwallet.1');
  writeFileSync(page, (await lwallet(['man'])).stdout);
  const shown = await run('groff', ['-man', '-Tascii', '-ww', page]);
  assert.equal(shown.stderr, '');
  assert.match(shown.stdout.replace(/.\x08/g, '').replace(/\x1b\[\d*m/g, ''), /account new NAME[\s\S]*EXIT STATUS[\s\S]*not proven/);
  assert.ok(readFileSync(page, 'utf8').length > 5000);
});

test('what is mistyped is guessed', async () => {
  for (const [words, guess] of [['acount list', 'account list'], ['acount', 'account'], ['transfre', 'transfer'], ['blance', 'balance'],
    ['org chek', 'org check'], ['contract depoy', 'contract deploy']]) {
    assert.match((await lwallet(words.split(' '), { code: 2 })).stderr, new RegExp(`did you mean: lwallet ${guess}`), words);
  }
  assert.match((await lwallet(['balance', '--acount', 'x'], { code: 2 })).stderr, /did you mean --account/);
});

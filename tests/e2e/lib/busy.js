// A ledger with something of everything in it, and its export: for replay.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { ContractFactory, Interface, JsonRpcProvider, Wallet, ZeroAddress } from 'ethers';
import { compile } from './compile.js';
import { program, run, startNode } from './node.js';
import { split_blocks } from './replay.js';

// What Prague brought: accounts that delegate, good authorizations beside others, calldata that
// costs its floor.
async function delegations(signer, wait, chainId) {
  const { abi, bytecode } = compile('Batch');
  const deployed = await new ContractFactory(abi, bytecode, signer).deploy();
  await deployed.waitForDeployment();
  const address = await deployed.getAddress();
  const carol = Wallet.createRandom();
  const calls = new Interface(abi);
  const make = (...targets) => calls.encodeFunctionData('make', [targets.map((to) => ({ to, value: 7n, data: '0x' }))]);
  const authorize = (who, nonce, delegate = address, chain = chainId) => who.authorize({ address: delegate, nonce, chainId: chain });
  const send = (to, authorizationList, more = {}) => wait(signer.sendTransaction({ type: 4, to, authorizationList, gasLimit: 500000, ...more }));
  await send(carol.address, [await authorize(carol, 0)], { value: 5n });
  await send(carol.address, [await authorize(carol, 1, address, 0), await authorize(carol, 1, address), await authorize(carol, 2, address, chainId + 1)]);
  await send(carol.address, [await authorize(carol, 7)], { data: make(carol.address) }).catch(() => {}); // reverts: not the owner
  const nonce = await signer.getNonce();
  await send(await signer.getAddress(), [await authorize(signer, nonce + 1)], { data: make(carol.address, Wallet.createRandom().address) });
  await wait(signer.sendTransaction({ to: carol.address, value: 1n, data: `0x${'0102'.repeat(500)}`, gasLimit: 100000 })).catch(() => {});
  await wait(signer.sendTransaction({ to: Wallet.createRandom().address, data: `0x${'0100'.repeat(500)}` })); // the floor
  await send(carol.address, [await authorize(carol, 2, ZeroAddress), await authorize(signer, await signer.getNonce() + 1, ZeroAddress)]);
}

// Osaka's opcode: init code that leaves CLZ(CALLVALUE) as the contract's only byte.
const leading_zeros = '0x341e5f5360015ff3';

// What forks brought, one call each: a precompile's input, or code that runs as its own creation.
// Where a fork does not know the precompile, it is an account without code.
const word = (number) => number.toString(16).padStart(64, '0');
const precompile_calls = [
  ['0x05', `0x${word(1)}${word(3)}${word(32)}03010001${'ff'.repeat(32)}`], // modexp, EIP-7883's price in Osaka
  ['0x0b', `0x${'00'.repeat(256)}`], // EIP-2537, Prague: G1 addition of infinity
  ['0x0100', `0x${'01'.repeat(160)}`], // EIP-7951, Osaka: a signature that does not hold
];
const stored_words = [
  '0x43600190034060005560006000f3', // BLOCKHASH(NUMBER - 1)
  '0x4a60005560006000f3', // BLOBBASEFEE
];

// Transfers, creations, token calls, a failing transaction, all transaction types, contracts that
// look at their block, and what its fork brought. The node is stopped again; its data stays.
export async function busy_ledger(dataDir, { chainId = 77050, fork } = {}) {
  const alice = Wallet.createRandom();
  const bob = Wallet.createRandom();
  const node = await startNode({
    chainId, dataDir, fund: [`${alice.address}=1000`], args: fork ? ['--fork', fork] : [] });
  const provider = new JsonRpcProvider(node.url, undefined, { cacheTimeout: -1 });
  provider.pollingInterval = 50;
  const signer = alice.connect(provider);
  const wait = async (sent) => (await sent).wait();
  await wait(signer.sendTransaction({ to: bob.address, value: 3n }));
  await wait(signer.sendTransaction({ type: 0, to: bob.address, value: 4n, gasPrice: 0 }));
  await wait(signer.sendTransaction({ type: 1, to: bob.address, value: 5n, gasPrice: 0, accessList: [
    { address: bob.address, storageKeys: [`0x${'00'.repeat(32)}`] }] }));
  await wait(signer.sendTransaction({ to: bob.address, value: 6n, maxFeePerGas: 7n, maxPriorityFeePerGas: 7n }));
  const { abi, bytecode } = compile('Acme');
  const token = await new ContractFactory(abi, bytecode, signer).deploy(1000n);
  await token.waitForDeployment();
  for (let i = 1n; i <= 3n; i++) await wait(token.transfer(bob.address, i));
  await wait(token.transfer(bob.address, 994n)); // empties a slot: a refund
  await wait(token.refuse.populateTransaction().then((tx) => signer.sendTransaction({ ...tx, gasLimit: 100000 }))).catch(() => {});
  if (fork !== 'cancun') await delegations(signer, wait, chainId);
  if (fork === undefined || fork === 'osaka') await wait(signer.sendTransaction({ data: leading_zeros, value: 4n }));
  const many = await provider.getTransactionCount(alice.address);
  const sent = await Promise.all(Array.from({ length: 30 }, (_, i) => signer.sendTransaction({
    to: Wallet.createRandom().address, value: 1n, nonce: many + i, gasLimit: 21000, maxFeePerGas: 0, maxPriorityFeePerGas: 0 })));
  await Promise.all(sent.map((one) => one.wait()));
  for (const [to, data] of precompile_calls) await wait(signer.sendTransaction({ to: `0x${to.slice(2).padStart(40, '0')}`, data, gasLimit: 1000000 }));
  for (const data of stored_words) await wait(signer.sendTransaction({ data, gasLimit: 1000000 }));
  provider.destroy();
  await node.stop();
}

// `lnode export` of the only ledger in a data directory. Returns { genesis, blocks, words }.
export async function export_ledger(dataDir, folder) {
  const [org] = readdirSync(path.join(dataDir, 'ledgers'));
  const out = path.join(folder, 'export');
  const done = await run(program('lnode'), ['export', '--org', org, '--format', 'geth', '--output', out, '--data-dir', dataDir]);
  if (done.code !== 0) throw new Error(`lnode export: ${done.stderr}${done.stdout}`);
  const find = (name) => {
    const file = readdirSync(out).find((one) => name.test(one));
    if (!file || !existsSync(path.join(out, file))) throw new Error(`lnode export wrote no ${name}: ${readdirSync(out)}`);
    return path.join(out, file);
  };
  const blocks = split_blocks(readFileSync(find(/blocks.*rlp/)));
  return { genesis: find(/genesis.*json/), blocks, words: `${done.stdout}${done.stderr}`.trim() };
}

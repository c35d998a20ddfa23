// Time travel: balances and calls at an earlier block differ from those at the latest.
import { ContractFactory, JsonRpcProvider, Wallet } from '../e2e/lib/ethers.js';
import { compile } from '../e2e/lib/compile.js';
import { startNode } from '../e2e/lib/node.js';
import { castProgram, say, shows, story, type } from './story.js';

await story('yesterday', async () => {
  const alice = Wallet.createRandom();
  const bob = Wallet.createRandom();
  const node = await startNode({ chainId: 88003, fund: [`${alice.address}=100`] });
  const rpc = ['--rpc-url', node.url];
  say(node.readyLine);
  const provider = new JsonRpcProvider(node.url, undefined, { cacheTimeout: -1 });
  provider.pollingInterval = 50;
  const signer = alice.connect(provider);
  const { abi, bytecode } = compile('Acme');
  const token = await new ContractFactory(abi, bytecode, signer).deploy(1000n);
  await token.waitForDeployment();
  const address = await token.getAddress();
  await (await signer.sendTransaction({ to: bob.address, value: 5n * 10n ** 18n })).wait();
  const first = await (await token.transfer(bob.address, 100n)).wait();
  const then = first.blockNumber;
  say(`block ${then}: bob was given 5 coins and 100 points; now 7 coins and 200 points more`);
  await (await signer.sendTransaction({ to: bob.address, value: 7n * 10n ** 18n })).wait();
  await (await token.transfer(bob.address, 200n)).wait();

  const ask = async (...args) => (await type(castProgram, [...args, ...rpc])).stdout.trim().split(' ')[0];
  const coins = [await ask('balance', '--ether', bob.address, '--block', String(then)), await ask('balance', '--ether', bob.address)];
  shows(Number(coins[0]) === 5 && Number(coins[1]) === 12, `balance: ${Number(coins[0])} then, ${Number(coins[1])} now`);
  const signature = 'balanceOf(address)(uint256)';
  const points = [await ask('call', address, signature, bob.address, '--block', String(then)), await ask('call', address, signature, bob.address)];
  shows(points[0] === '100' && points[1] === '300', `call: ${points[0]} then, ${points[1]} now`);
  shows(await ask('balance', bob.address, '--block', '0') === '0', 'at block 0 bob had nothing');
  shows(await ask('code', address, '--block', '0') === '0x', 'at block 0 there was no contract');
  provider.destroy();
  await node.stop();
});

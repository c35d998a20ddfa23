// Unchanged tools of the Ethereum world against a ledger of ours: Foundry's cast, and an ethers
// script that deploys OpenZeppelin's ERC20 from an account with balance zero.
import { ContractFactory, JsonRpcProvider, Wallet } from '../e2e/lib/ethers.js';
import { compile } from '../e2e/lib/compile.js';
import { startNode } from '../e2e/lib/node.js';
import { castProgram, say, shows, story, type } from './story.js';

await story('foreign-tools', async () => {
  const alice = Wallet.createRandom();
  const bob = Wallet.createRandom();
  const node = await startNode({ chainId: 88001, fund: [`${alice.address}=100`] });
  const rpc = ['--rpc-url', node.url];
  say(node.readyLine);

  const sent = await type(castProgram, ['send', bob.address, '--value', '1ether', '--private-key', alice.privateKey, ...rpc],
    { shown: `cast send ${bob.address} --value 1ether --private-key $ALICE --rpc-url ${node.url}` });
  shows(sent.code === 0 && /status\s+1/.test(sent.stdout), 'cast send: status 1');
  const balance = await type(castProgram, ['balance', bob.address, '--ether', ...rpc]);
  shows(Number(balance.stdout) === 1, 'bob has 1 coin');

  say('\nethers v6, from an account with balance zero:');
  const provider = new JsonRpcProvider(node.url, undefined, { cacheTimeout: -1 });
  provider.pollingInterval = 50;
  const poor = Wallet.createRandom().connect(provider);
  const { abi, bytecode } = compile('Acme');
  const token = await new ContractFactory(abi, bytecode, poor).deploy(1000n);
  await token.waitForDeployment();
  const address = await token.getAddress();
  say(`  OpenZeppelin ERC20 deployed at ${address} by ${poor.address}`);
  shows(await provider.getBalance(poor.address) === 0n, 'the deployer\'s balance is zero, before and after');
  const receipt = await (await token.transfer(bob.address, 250n)).wait();
  const event = token.interface.parseLog(receipt.logs[0]);
  say(`  ${event.name}(${event.args.join(', ')}) in block ${receipt.blockNumber}`);
  shows(event.name === 'Transfer' && event.args[2] === 250n, 'its Transfer event is in the receipt');
  const refusal = await token.transfer.staticCall(bob.address, 751n).catch((error) => error);
  say(`  transfer of 751: ${refusal.revert?.name}(${refusal.revert?.args.join(', ')})`);
  shows(refusal.revert?.name === 'ERC20InsufficientBalance', 'its custom error is decoded');

  const call = await type(castProgram, ['call', address, 'balanceOf(address)(uint256)', bob.address, ...rpc]);
  shows(/^250\b/.test(call.stdout), 'cast call reads 250');
  const block = await type(castProgram, ['block', 'latest', ...rpc]);
  shows(block.code === 0 && /baseFeePerGas\s+0/.test(block.stdout), 'cast block latest: fees are free');
  provider.destroy();
  await node.stop();
});

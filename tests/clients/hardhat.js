// What Hardhat 2 and 3 have in common: a project of theirs is built, tested and deployed over
// --network against a node, with the network that lwallet printed.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Contract, JsonRpcProvider, Wallet } from '../e2e/lib/ethers.js';
import { startNode } from '../e2e/lib/node.js';
import { connectHardhat, openProject } from './project.js';

export function describeHardhat({ name, folder, chainId, compileTask }) {
  describe(name, () => {
    const alice = Wallet.createRandom();
    let node;
    let project;
    let network;

    before(async () => {
      node = await startNode({ chainId, fund: [`${alice.address}=10`] });
      project = openProject(folder);
      network = await connectHardhat(project, node);
    });
    after(async () => {
      project?.remove();
      if (node) assert.equal((await node.stop()).code, 0);
    });

    async function hardhat(args, key = alice.privateKey) {
      const done = await project.run('hardhat', args, { env: { KEY: key } });
      assert.equal(done.code, 0, `hardhat ${args.join(' ')}: ${done.stdout}${done.stderr}`);
      return done.stdout;
    }

    test('compiles', async () => {
      assert.match(await hardhat([compileTask]), /Compiled \d+ Solidity files/);
    });

    test('tests over --network: events, custom errors, balances, code', async () => {
      const said = await hardhat(['test', 'test/counter.js', '--network', network]);
      assert.match(said, /7 passing/);
    });

    test('OpenZeppelin upgrades: deploys and upgrades UUPS and transparent proxies', async () => {
      const said = await hardhat(['test', 'test/upgrades.js', '--network', network]);
      assert.match(said, /2 passing/);
    });

    // Five confirmations each, Ignition's default: empty blocks follow a block with transactions.
    test('Ignition deploys a module from a balance of zero, once', async () => {
      const poor = Wallet.createRandom();
      const deploy = ['ignition', 'deploy', 'ignition/modules/Shop.js', '--network', network];
      assert.match(await hardhat(deploy, poor.privateKey), /successfully deployed/);
      assert.match(await hardhat(deploy, poor.privateKey), /Nothing new to deploy/);
      assert.match(await hardhat(['ignition', 'status', `chain-${chainId}`]), /was successful/);
      const at = JSON.parse(readFileSync(path.join(project.folder,
        `ignition/deployments/chain-${chainId}/deployed_addresses.json`), 'utf8'));
      const provider = new JsonRpcProvider(node.url);
      const points = new Contract(at['Shop#Acme'], ['function balanceOf(address) view returns (uint256)'], provider);
      const counter = new Contract(at['Shop#Counter'], ['function number() view returns (uint256)'], provider);
      assert.equal(await counter.number(), 12n);
      assert.equal(await points.balanceOf(poor.address), 750n);
      assert.equal(await points.balanceOf(at['Shop#Counter']), 250n);
      assert.equal(await provider.getBalance(poor.address), 0n);
      provider.destroy();
    });
  });
}

// Accounts that run code (EIP-7702): with ethers Alice pays two people at once from her own
// account; with viem Bob has his account changed by a transaction that Alice sends; then what is
// passed over or refused, and back to a plain account.
import { ContractFactory, Interface, JsonRpcProvider, Wallet, ZeroAddress, parseEther } from '../e2e/lib/ethers.js';
import { createPublicClient, createWalletClient, defineChain, http, privateKeyToAccount } from '../e2e/lib/viem.js';
import { compile } from '../e2e/lib/compile.js';
import { startNode } from '../e2e/lib/node.js';
import { say, shows, story } from './story.js';

const chainId = 88007;

async function withEthers({ provider, alice, carol, dave, batch, abi }) {
  say();
  say('ethers: Alice authorizes the contract for her own account and calls herself, in one transaction');
  const calls = new Interface(abi);
  const nonce = await alice.getNonce();
  const authorization = await alice.authorize({ address: batch, chainId, nonce: nonce + 1 });
  const data = calls.encodeFunctionData('make', [[
    { to: carol.address, value: parseEther('1'), data: '0x' },
    { to: dave.address, value: parseEther('2'), data: '0x' },
  ]]);
  const sent = await alice.sendTransaction({ type: 4, to: alice.address, data, authorizationList: [authorization] });
  const receipt = await sent.wait();
  say(`> alice.sendTransaction({ type: 4, to: alice, data: make([...]), authorizationList: [...] })`);
  say(`transaction ${receipt.hash}: type ${receipt.type}, ${receipt.gasUsed} gas, status ${receipt.status}`);
  shows(receipt.type === 4 && receipt.status === 1, 'the receipt is of type 4');
  const shown = await provider.getTransaction(receipt.hash);
  shows(shown.authorizationList.length === 1 && shown.authorizationList[0].address === batch
    && shown.authorizationList[0].nonce === BigInt(nonce + 1), 'the transaction shows its authorization');
  shows(await provider.getBalance(carol.address) === parseEther('1')
    && await provider.getBalance(dave.address) === parseEther('2'), 'both were paid at once');
  const code = await provider.getCode(alice.address);
  say(`eth_getCode(alice) = ${code}`);
  shows(code === `0xef0100${batch.slice(2).toLowerCase()}`, 'her account names the contract whose code it runs');
  shows(await alice.getNonce() === nonce + 2, 'two nonces are used: the transaction and the authorization');
}

async function withViem({ node, aliceKey, bob, batch, abi, provider }) {
  say();
  say('viem: Bob has no coin. He signs an authorization; Alice sends it and pays');
  const chain = defineChain({
    id: chainId, name: 'acme', nativeCurrency: { name: 'Acme', symbol: 'ACM', decimals: 18 },
    rpcUrls: { default: { http: [node.url] } },
  });
  const client = createPublicClient({ chain, transport: http(), pollingInterval: 50, cacheTime: 0 });
  const wallet = createWalletClient({ account: privateKeyToAccount(aliceKey), chain, transport: http() });
  const authorization = await wallet.signAuthorization({ account: bob, contractAddress: batch });
  say('> wallet.sendTransaction({ to: bob, value: 3n, authorizationList: [await wallet.signAuthorization({ account: bob, ... })] })');
  const estimate = await client.estimateGas({ account: wallet.account, to: bob.address, value: 3n, authorizationList: [authorization] });
  const hash = await wallet.sendTransaction({ to: bob.address, value: 3n, authorizationList: [authorization] });
  const receipt = await client.waitForTransactionReceipt({ hash });
  say(`transaction ${hash}: type ${receipt.type}, ${receipt.gasUsed} gas of an estimate of ${estimate}`);
  shows(receipt.type === 'eip7702' && receipt.status === 'success', 'the receipt says eip7702');
  shows(await client.getCode({ address: bob.address }) === `0xef0100${batch.slice(2).toLowerCase()}`, 'Bob runs the contract');
  shows(await client.getTransactionCount({ address: bob.address }) === 1, "Bob's nonce moved, though he sent nothing");
  const block = await client.getBlock({ blockNumber: receipt.blockNumber, includeTransactions: true });
  const inBlock = block.transactions.find((one) => one.hash === hash);
  shows(inBlock.typeHex === '0x4' && inBlock.authorizationList[0].chainId === chainId, 'the block shows the transaction with its authorization');

  say('viem: a batch of Alice for Bob is refused by the contract, his own is not');
  const call = { address: bob.address, abi, functionName: 'make', args: [[{ to: wallet.account.address, value: 1n, data: '0x' }]] };
  const refused = await client.simulateContract({ ...call, account: wallet.account }).catch((error) => error.walk((one) => one.data?.errorName));
  shows(refused?.data?.errorName === 'NotTheOwner', 'eth_call as Alice reverts: NotTheOwner');
  const own = createWalletClient({ account: bob, chain, transport: http() });
  const before = await provider.getBalance(wallet.account.address);
  await client.waitForTransactionReceipt({ hash: await own.writeContract(call) });
  shows(await provider.getBalance(wallet.account.address) === before + 1n, 'Bob, whose account has code, still sends himself (EIP-3607 knows)');
  return { client, wallet, chain };
}

async function whatIsPassedOver({ client, wallet, carol, batch }) {
  say();
  say('viem: authorizations that do not fit are passed over, the transaction stands');
  const foreign = await wallet.signAuthorization({ account: carol, contractAddress: batch, chainId: chainId + 1 });
  const early = await wallet.signAuthorization({ account: carol, contractAddress: batch, nonce: 9 });
  const hash = await wallet.sendTransaction({ to: carol.address, authorizationList: [foreign, early] });
  const receipt = await client.waitForTransactionReceipt({ hash });
  say(`transaction ${hash}: ${receipt.status}, ${receipt.gasUsed} gas`);
  shows(receipt.status === 'success' && receipt.gasUsed === 71000n, 'it is paid for: 21000 and twice 25000');
  shows(await client.getCode({ address: carol.address }) === undefined, "another chain's and a later nonce change nothing");
  const none = await client.request({
    method: 'eth_call',
    params: [{ to: carol.address, authorizationList: [] }, 'latest'],
  }).catch((error) => error);
  shows(/empty auth list/.test(none.details ?? none.message ?? ''), 'an empty list is refused by name');
}

async function whatThePoolTakes({ client, bob, chain }) {
  say();
  say('viem: of an account that runs code, one transaction waits at a time, and that without a gap');
  const own = createWalletClient({ account: bob, chain, transport: http() });
  const nonce = await client.getTransactionCount({ address: bob.address });
  const gap = await own.sendTransaction({ to: bob.address, nonce: nonce + 1, gas: 50000n }).catch((error) => error);
  say(`> bob.sendTransaction({ nonce: ${nonce + 1} }), his next being ${nonce}: ${gap.details}`);
  shows(/gapped-nonce tx from delegated accounts/.test(gap.details ?? ''), "the node refuses in geth's words");
}

async function backToPlain({ client, wallet, bob }) {
  say();
  say('viem: Bob gives the contract up: an authorization of address zero');
  const authorization = await wallet.signAuthorization({ account: bob, contractAddress: ZeroAddress });
  const hash = await wallet.sendTransaction({ to: bob.address, authorizationList: [authorization] });
  const receipt = await client.waitForTransactionReceipt({ hash });
  say(`transaction ${hash}: ${receipt.status}, ${receipt.gasUsed} gas`);
  shows(await client.getCode({ address: bob.address }) === undefined, 'his account is as it was');
}

await story('set-code', async () => {
  const aliceWallet = Wallet.createRandom();
  const [bob, carol] = [1, 2].map(() => privateKeyToAccount(Wallet.createRandom().privateKey));
  const dave = Wallet.createRandom();
  const node = await startNode({ chainId, fund: [`${aliceWallet.address}=100`] });
  say(node.readyLine);
  const provider = new JsonRpcProvider(node.url, undefined, { cacheTimeout: -1 });
  provider.pollingInterval = 50;
  const alice = aliceWallet.connect(provider);
  const { abi, bytecode } = compile('Batch');
  const deployed = await new ContractFactory(abi, bytecode, alice).deploy();
  await deployed.waitForDeployment();
  const batch = await deployed.getAddress();
  say(`the contract whose code accounts will run stands at ${batch}`);

  await withEthers({ provider, alice, carol, dave, batch, abi });
  const { client, wallet, chain } = await withViem({ node, aliceKey: aliceWallet.privateKey, bob, batch, abi, provider });
  const erin = privateKeyToAccount(Wallet.createRandom().privateKey);
  await whatIsPassedOver({ client, wallet, carol: erin, batch });
  await whatThePoolTakes({ client, bob, chain });
  await backToPlain({ client, wallet, bob });
  provider.destroy();
  await node.stop();
});

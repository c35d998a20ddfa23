// A random transaction in a random small world, for two EVMs to agree on: accounts that delegate
// or are asked to (EIP-7702), contracts that call each other in every way and store what they see.
import { Wallet } from 'ethers';

const word = (value) => `0x${BigInt(value).toString(16).padStart(64, '0')}`;
export const address = (value) => `0x${BigInt(value).toString(16).padStart(40, '0')}`;
const key_of = (wallet) => wallet.address.toLowerCase();
const byte = (value) => value.toString(16).padStart(2, '0');
export const designator = (to) => `0xef0100${to.slice(2).toLowerCase()}`;

const wallets = [1, 2, 3, 4, 5].map((number) => new Wallet(word(0x1111 * number)));
const [sender] = wallets;
const contracts = [1, 2, 3, 4, 5].map((number) => address(0xc000 + number));
const precompiles = [1, 2, 4, 5, 0xb, 0x100].map(address);
const coinbase = address(0xc0);
const everyone = [...wallets.map(key_of), ...wallets.map(key_of), ...contracts, ...contracts,
  ...precompiles, coinbase, address(0xdead), address(0)];
// EIP-7002 and EIP-7251 need a contract each, which does nothing here.
const system = ['0x00000961ef480eb55e80d19ad83579a64c007002', '0x0000bbddc7ce488642fb579f8b00f3a590007251'];

// The same numbers from the same seed, everywhere.
function numbers(seed) {
  let state = BigInt(seed) * 7919n + 12345n;
  const below = (count) => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & ((1n << 64n) - 1n);
    return Number((state >> 33n) % BigInt(count));
  };
  for (let i = 0; i < 5; i++) below(2);
  return { below, pick: (list) => list[below(list.length)] };
}

// PUSH of the fewest bytes.
function push(value) {
  const digits = BigInt(value).toString(16);
  const bytes = Math.ceil(digits.length / 2);
  return BigInt(value) === 0n ? '5f' : byte(0x5f + bytes) + digits.padStart(2 * bytes, '0');
}

function program({ below, pick }, slots) {
  const keep = () => `${push(slots.next++ % 12)}55`; // SSTORE of the topmost word
  const call = (opcode, who, value) => `${push(32)}5f${push(below(40))}5f${value === undefined ? '' : push(value)}${push(who)}`
    + `${pick(['5a', push(50000), push(3000), push(0), push(200000)])}${opcode}${keep()}`;
  const pieces = [
    (who) => call('f1', who, pick([0, 0, 0, 1, 5])), // CALL
    (who) => call('f1', who, pick([0, 0, 0, 1, 5])),
    (who) => call('f2', who, pick([0, 0, 1])), // CALLCODE
    (who) => call('f4', who), // DELEGATECALL
    (who) => call('f4', who),
    (who) => call('fa', who), // STATICCALL
    (who) => `${push(who)}3b${keep()}`, // EXTCODESIZE
    (who) => `${push(who)}3f${keep()}`, // EXTCODEHASH
    (who) => `${push(23)}5f5f${push(who)}3c5f51${keep()}`, // EXTCODECOPY
    (who) => `${push(who)}31${keep()}`, // BALANCE
    () => `5a${keep()}`, // GAS
    () => `3d${keep()}`, // RETURNDATASIZE
    () => pick(['38', '36', '30', '33', '34', '32', '47']) + keep(), // CODESIZE .. SELFBALANCE
    () => `${push(below(3))}${push(below(12))}55`, // SSTORE
    () => `${push(below(12))}54${keep()}`, // SLOAD
    () => `${push(below(5))}5f5ff0${keep()}`, // CREATE of nothing
    (who) => `${push(who)}5f5d5f5c${keep()}`, // TSTORE, TLOAD
  ];
  let code = '0x';
  for (let left = 1 + below(7); left > 0; left--) code += pick(pieces)(pick(everyone));
  const ends = ['60205ffd', 'fe', `${push(pick(everyone))}ff`]; // REVERT, INVALID, SELFDESTRUCT
  return code + (ends[below(12)] ?? '60205ff3');
}

function world({ below, pick }, slots) {
  const accounts = { [key_of(sender)]: { balance: '0xde0b6b3a7640000', nonce: `0x${below(3)}` } };
  if (below(4) === 0) accounts[key_of(sender)].code = designator(pick(everyone));
  for (const wallet of wallets.slice(1)) {
    const kind = below(6); // 0: it does not exist
    const account = { balance: pick(['0x0', '0x3e8']), nonce: `0x${below(3)}` };
    if (kind === 2 || kind === 3) Object.assign(account, { code: designator(pick(everyone)), nonce: '0x1' });
    if (kind === 4) account.code = pick(['0x00', '0xef01', program({ below, pick }, slots)]);
    if (kind === 5) account.storage = { '0x01': '0x07' };
    if (account.balance === '0x0' && account.nonce === '0x0' && !account.code) account.nonce = '0x1';
    if (kind !== 0) accounts[key_of(wallet)] = account;
  }
  for (const contract of contracts) {
    accounts[contract] = { balance: `0x${below(16).toString(16)}`, nonce: '0x1', code: program({ below, pick }, slots) };
    if (below(2)) accounts[contract].storage = { '0x00': '0x1', '0x02': '0x2', '0x05': '0x3' };
  }
  for (const contract of system) accounts[contract] = { balance: '0x0', nonce: '0x1', code: '0x00' };
  return accounts;
}

// Good ones mostly; some for another chain or with the nonce after the next.
async function authorizations({ below, pick }, accounts) {
  const list = [];
  const nonces = new Map(wallets.map((wallet) => [wallet, Number(accounts[key_of(wallet)]?.nonce ?? 0) + (wallet === sender ? 1 : 0)]));
  for (let left = 1 + below(4); left > 0; left--) {
    const wallet = pick(wallets);
    const fault = pick(['none', 'none', 'none', 'none', 'nonce', 'chain']);
    const to = below(6) === 0 ? address(0) : pick(everyone);
    list.push(await wallet.authorize({
      address: to, nonce: nonces.get(wallet) + (fault === 'nonce' ? 1 : 0), chainId: fault === 'chain' ? 2 : pick([0, 1, 1]) }));
    if (fault === 'none') nonces.set(wallet, nonces.get(wallet) + 1);
  }
  return list;
}

// { accounts, coinbase, raw }: a pre-state as t8n reads it, and one signed transaction of chain 1.
export async function random_transaction(seed) {
  const random = numbers(seed);
  const { below, pick } = random;
  const accounts = world(random, { next: 0 });
  const accessList = Array.from({ length: below(3) }, () => ({ address: pick(everyone), storageKeys: below(2) ? [word(below(4))] : [] }));
  const data = Array.from({ length: pick([0, 0, 4, 40, 400, 3000]) }, () => (below(3) ? byte(below(256)) : '00'));
  const transaction = {
    type: below(5) === 0 ? 2 : 4, chainId: 1, nonce: Number(accounts[key_of(sender)].nonce), gasLimit: pick([300000, 1000000, 2000000]),
    maxFeePerGas: 20, maxPriorityFeePerGas: pick([0, 3]), to: pick(everyone), value: pick([0, 0, 1, 77]), data: `0x${data.join('')}`, accessList,
  };
  if (transaction.type === 4) transaction.authorizationList = await authorizations(random, accounts);
  return { accounts, coinbase, raw: await sender.signTransaction(transaction) };
}

// The workloads: what each does, its programs, accounts and calldata. build.js makes files of them.
import { assemble, loop, repeat } from './assembler.js';
import { precompiles } from './precompiles.js';
import { compile } from './solidity.js';

const account = (number) => `0x${number.toString(16).padStart(40, '0')}`;
export const receiver = account(0x1000);
const word = (value) => BigInt(value).toString(16).padStart(64, '0');
const hex = (value) => `0x${value.toString(16)}`;

// What arithmetic is done with: odd numbers, as long as their names say.
const w256 = '0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a471';
const v256 = '0x8b1a944cf13a9a1c08facb2c9e98623ef3254d2ddb48113885c3e8e97fec8db9';
const w192 = '0x9a1c08facb2c9e98623ef3254d2ddb48113885c3e8e97fed';
const w128 = '0xd34db33f8badf00dc0ffee0123456789';
const w64 = '0xf3254d2ddb481139';

// A program of assembler in a loop. `data` follows the count of rounds in the calldata; `others`
// are accounts beside the receiver.
function program(about, rounds, { group = 'interpreter', data = '', cold, others, balance, ...parts }) {
  return {
    group, about, cold, code: loop(parts), input: word(rounds) + data,
    prestate: { ...(balance && { [receiver]: { balance } }), ...others },
  };
}

// A contract with run(uint256), which answers as the loops do.
function contract(about, rounds, name, prestate = {}) {
  const { code, selector } = compile(name);
  return { group: 'interpreter', about, code, input: selector + word(rounds), prestate };
}

// Calls the contract at 0x2000, 16 times a round, and adds up what the calls say.
function calls(about, rounds, opcode, callee) {
  const value = opcode === 'CALL' ? 'PUSH0' : '';
  return program(about, rounds, {
    init: '5', height: 1, body: repeat(16, `0x20 0x40 0x20 0x40 ${value} 0x2000 GAS ${opcode} ADD`),
    others: { [account(0x2000)]: { code: assemble(callee) } },
  });
}

const code_size_max = 24576;

// A contract of 24 KiB that jumps once through all of its 2,039 blocks, each time to a computed
// place some thousand bytes away, and returns a sum.
function maze() {
  const count = 2039; // a prime, so that every step meets every block
  const step = 1111;
  const where = (index) => 3 + 12 * index;
  let text = 'PUSH0 3'; // the sum; where we are
  for (let index = 0; index < count; index++) {
    const next = (index + step) % count;
    const mask = where(index) ^ (next === 0 ? where(count) : where(next));
    text += ` JUMPDEST SWAP1 '60${(index % 256).toString(16).padStart(2, '0')}' ADD SWAP1`
      + ` '61${mask.toString(16).padStart(4, '0')}' XOR DUP1 JUMP`;
  }
  const code = assemble(`${text} JUMPDEST POP PUSH0 MSTORE 0x20 PUSH0 RETURN`);
  return code + '5b'.repeat(code_size_max - code.length / 2);
}

// Runs init code of the greatest size, made of `filler`, that jumps to its last byte and leaves an
// empty contract. It lies as the code of two accounts.
function big_init_code(about, rounds, filler) {
  const size = 2 * code_size_max;
  const head = assemble(`${hex(size - 1)} JUMP`);
  const count = Math.floor((size - 1 - head.length / 2) / (filler.length / 2));
  const code = `${(head + filler.repeat(count)).padEnd(2 * size - 2, '00')}5b`;
  const half = hex(code_size_max);
  return program(about, rounds, {
    group: 'state', cold: true, height: 1,
    init: `${half} PUSH0 0x40 0x2000 EXTCODECOPY ${half} PUSH0 ${hex(0x40 + code_size_max)} 0x3000 EXTCODECOPY 5`,
    body: repeat(4, `${hex(size)} 0x40 PUSH0 CREATE ADD`),
    others: {
      [account(0x2000)]: { code: code.slice(0, 2 * code_size_max) },
      [account(0x3000)]: { code: code.slice(2 * code_size_max) },
    },
  });
}

// Makes a contract of 24 KiB, each time another one, and calls it once.
function cold_contracts(about, rounds) {
  const init = assemble(`${hex(code_size_max)} DUP1 10 PUSH0 CODECOPY PUSH0 RETURN`);
  const at = 0x40 + 10;
  if (init.length !== 20) throw new Error(`workloads: the init code has ${init.length / 2} bytes, not 10`);
  return program(about, rounds, {
    group: 'state', cold: true, height: 1,
    init: `0x${init.padEnd(64, '0')} 0x40 MSTORE ${hex(code_size_max)} PUSH0 ${at} 0x2000 EXTCODECOPY 5`,
    body: `DUP2 ${at + code_size_max - 32} MSTORE ${hex(code_size_max + 10)} 0x40 PUSH0 CREATE
      PUSH0 PUSH0 PUSH0 PUSH0 DUP5 GAS STATICCALL ADD ADD`,
    others: { [account(0x2000)]: { code: maze() } },
  });
}

// So many that each workload takes some tens of milliseconds; 8 calls a round.
const precompile_rounds = {
  'sha256': 3000, 'sha256-short': 10000, 'ripemd160': 800, 'identity': 10000, 'blake2f': 5000, 'blake2f-long': 30,
  'modexp-256': 300, 'modexp-2048': 10, 'modexp-even': 10, 'modexp-rsa': 100, 'bn254-add': 1500, 'bn254-pairing': 10,
  'point-evaluation': 10, 'bls-g1-add': 800, 'bls-g1-msm': 5, 'bls-g1-mul': 30, 'bls-g2-add': 800, 'bls-g2-msm': 5,
  'bls-g2-mul': 30, 'bls-pairing': 10, 'p256-verify': 50,
};

function precompile(name, [address, input, output, about]) {
  const rounds = precompile_rounds[name] ?? 100;
  const size = input.length / 2;
  return program(about, rounds, {
    group: 'precompile', data: input, height: 1,
    init: `${size} 0x20 0x800 CALLDATACOPY 0`,
    body: repeat(8, `${output} 0x40 ${size} 0x800 ${address} GAS STATICCALL ADD`),
    result: `DUP1 ${output} 0x40 KECCAK256 ADD`,
  });
}

const filled = (size) => repeat(size / 32, (i) => word((BigInt(w256) * BigInt(2 * i + 1)) & ((1n << 256n) - 1n)))
  .replaceAll('\n', '');

export const workloads = () => ({
  // ---- arithmetic ----
  'arithmetic': program('ADD, SUB, comparisons and bits', 60000, {
    init: `${w256} ${v256}`, height: 2,
    body: repeat(8, `DUP2 ADD SWAP1 DUP2 SUB SWAP1 DUP2 AND NOT DUP2 XOR DUP2 DUP2 LT ADD
      DUP2 OR DUP2 DUP2 SGT ADD DUP1 ISZERO ADD DUP2 DUP2 EQ ADD DUP2 ADD`),
  }),
  'shifts': program('SHL, SHR, SAR, BYTE and SIGNEXTEND', 100000, {
    init: `${w256} ${v256}`, height: 2,
    body: repeat(8, `DUP1 13 SHL ADD DUP2 71 SHR XOR DUP1 200 SAR ADD DUP2 7 BYTE ADD DUP1 11 SIGNEXTEND DUP3 ADD XOR`),
  }),
  'stack': program('PUSH, DUP, SWAP and POP', 60000, {
    init: `${w256} ${w128} ${w64} 1 2 3 4 5 6 7 8 9 10 11`, height: 14,
    body: repeat(8, `SWAP1 DUP3 SWAP4 POP DUP7 SWAP9 DUP12 SWAP14 POP POP ${w256} SWAP2 POP ${w64} SWAP5 POP
      0x1234 SWAP11 POP SWAP3 SWAP6 SWAP8 SWAP12`),
  }),
  'mul': program('MUL of full words', 150000, {
    init: `${w256} ${v256}`, height: 2, body: repeat(16, 'DUP2 MUL DUP1 SWAP2 ADD DUP2 MUL'),
  }),
  'mul-short': program('MUL of 64 bits', 150000, {
    init: `${w64} 3`, height: 2, body: repeat(16, 'DUP2 DUP2 MUL POP DUP1 DUP3 MUL POP'),
  }),
  'div': program('DIV and SDIV of a full word by 1 to 4 limbs', 80000, {
    init: `${w256} ${v256}`, height: 2,
    body: repeat(4, `${w64} DUP2 DIV ADD ${w128} DUP2 DIV XOR ${w192} DUP3 SDIV ADD ${v256} DUP3 NOT DIV ADD 10 DUP3 DIV XOR`),
  }),
  'mod': program('MOD and SMOD of a full word by 1 to 4 limbs', 80000, {
    init: `${w256} ${v256}`, height: 2,
    body: repeat(4, `${w64} DUP2 MOD ADD ${w128} DUP2 MOD XOR ${w192} DUP3 SMOD ADD ${v256} DUP3 NOT MOD ADD 10 DUP3 MOD XOR`),
  }),
  'addmod': program('ADDMOD with moduli of 2 to 4 limbs', 100000, {
    init: `${w256} ${v256}`, height: 2,
    body: repeat(4, `${v256} DUP2 DUP4 ADDMOD XOR ${w192} DUP2 DUP4 ADDMOD ADD ${w128} DUP2 DUP4 ADDMOD XOR`),
  }),
  'mulmod': program('MULMOD with moduli of 2 to 4 limbs', 100000, {
    init: `${w256} ${v256}`, height: 2,
    body: repeat(4, `${v256} DUP2 DUP4 MULMOD XOR ${w192} DUP2 DUP4 MULMOD ADD ${w128} DUP2 DUP4 MULMOD XOR`),
  }),
  'exp': program('EXP with exponents of 1, 8 and 32 bytes', 5000, {
    init: `${w256} ${v256}`, height: 2,
    body: repeat(4, `201 DUP2 EXP ADD ${w64} DUP2 EXP ADD DUP2 DUP2 EXP ADD`),
  }),
  // ---- hashes, memory, calldata ----
  'keccak': program('KECCAK256 of 64 bytes, as mappings do', 10000, {
    init: '5', height: 1, body: repeat(16, '0x40 MSTORE 0x40 0x40 KECCAK256'),
  }),
  'keccak-long': program('KECCAK256 of 8 KiB', 150, {
    init: '5', height: 1, body: repeat(16, '0x40 MSTORE 0x2000 0x40 KECCAK256'),
  }),
  'memory': program('MLOAD, MSTORE and MSTORE8 over 16 KiB', 60000, {
    init: '5 0', height: 2,
    body: repeat(8, `DUP1 0x40 ADD MLOAD DUP3 ADD DUP2 0x60 ADD MSTORE DUP2 DUP2 0x101 ADD MSTORE8
      32 ADD 0x3fff AND`),
  }),
  'memory-copy': program('MCOPY of 32 bytes to 1 KiB', 30000, {
    init: `${w256} 0x40 MSTORE 5`, height: 1,
    body: repeat(4, '32 0x40 0x80 MCOPY 0x400 0x40 0x800 MCOPY 100 0x55 0x1001 MCOPY 0x400 0x801 0x41 MCOPY'),
  }),
  'calldata': program('CALLDATALOAD and CALLDATACOPY over 8 KiB', 60000, {
    data: filled(8192), init: '5 0', height: 2,
    body: repeat(8, `DUP1 CALLDATALOAD DUP3 ADD SWAP2 POP 0x40 DUP2 0x40 CALLDATACOPY 36 ADD 0x1fff AND`),
  }),
  'jumps': program('JUMP and JUMPI, taken every other time, and a computed JUMP', 60000, {
    init: '5', height: 1,
    body: repeat(8, (i) => `DUP1 1 AND @odd${i} JUMPI 3 ADD @on${i} JUMP :odd${i} 7 ADD :on${i}
      DUP1 4 AND 4 PC ADD ADD JUMP JUMPDEST JUMPDEST JUMPDEST JUMPDEST JUMPDEST`),
  }),
  // ---- programs ----
  'erc20': contract('an ERC-20 token: transfer and transferFrom by calls', 12000, 'TokenLoop',
    { [account(0x2000)]: { code: compile('Token').code } }),
  'snail-tracer': contract('rays through spheres in fixed-point numbers', 300, 'Snail'),
  'sort': contract('quicksort of words in memory', 30000, 'Sort'),
  'big-contract': program('24 KiB of 2,039 blocks in turn, computed jumps', 1500, {
    init: '5', height: 1, body: 'PUSH0 PUSH0 PUSH0 PUSH0 0x2000 GAS STATICCALL ADD',
    others: { [account(0x2000)]: { code: maze() } },
  }),
  // ---- calls ----
  'calls': calls('STATICCALL of a contract that returns a word', 10000, 'STATICCALL',
    'PUSH0 CALLDATALOAD 3 ADD PUSH0 MSTORE 0x20 PUSH0 RETURN'),
  'calls-delegate': calls('DELEGATECALL of a contract that does nothing', 20000, 'DELEGATECALL', 'STOP'),
  'calls-memory': calls('CALL of a contract that grows its memory to 4 KiB', 10000, 'CALL',
    'PUSH0 CALLDATALOAD 0xfe0 MSTORE 0x20 0xfe0 RETURN'),
  'calls-revert': calls('CALL of a contract that reverts', 10000, 'CALL', '0x20 PUSH0 REVERT'),
  'calls-deep': program('calls of itself, 500 deep', 600, {
    init: '500 0x40 MSTORE 5', height: 1, body: 'PUSH0 PUSH0 0x20 0x40 PUSH0 0x2000 GAS CALL ADD',
    others: { [account(0x2000)]: { code: assemble(`
      PUSH0 CALLDATALOAD DUP1 @on JUMPI STOP
      :on 1 SWAP1 SUB PUSH0 MSTORE PUSH0 PUSH0 0x20 PUSH0 PUSH0 ADDRESS GAS CALL POP STOP`) } },
  }),
  // ---- state ----
  'storage-warm': program('SLOAD and SSTORE of 16 slots that were touched before', 20000, {
    group: 'state', init: '5', height: 1,
    body: repeat(16, (i) => `1 ADD DUP1 ${i} SSTORE ${(i + 7) % 16} SLOAD ADD`),
  }),
  'storage-cold': program('SLOAD of a slot not touched before', 4000, {
    group: 'state', init: w256, height: 1, body: repeat(16, '1 ADD DUP1 SLOAD ADD'),
  }),
  'storage-new': program('SSTORE to a slot not touched before', 6000, {
    group: 'state', init: w256, height: 1, body: repeat(16, '1 ADD DUP1 DUP1 SSTORE'),
  }),
  'storage-transient': program('TLOAD and TSTORE of 16 slots', 20000, {
    group: 'state', init: '5', height: 1,
    body: repeat(16, (i) => `1 ADD DUP1 ${i} TSTORE ${(i + 7) % 16} TLOAD ADD`),
  }),
  'accounts': program('BALANCE, EXTCODESIZE, EXTCODEHASH and SELFBALANCE, warm', 20000, {
    group: 'state', init: '5', height: 1, balance: '0x1000',
    body: repeat(8, (i) => `${0x2000 + i} BALANCE ADD ${0x2000 + i} EXTCODESIZE ADD ${0x2000 + i} EXTCODEHASH ADD SELFBALANCE ADD`),
    others: Object.fromEntries(Array.from({ length: 8 }, (_, i) => [account(0x2000 + i), { balance: hex(7 + i), code: `0x5f${word(i)}` }])),
  }),
  'transfers': program('CALL with value to 16 accounts', 3000, {
    group: 'state', init: '5', height: 1, balance: '0x1000000',
    body: repeat(16, (i) => `PUSH0 PUSH0 PUSH0 PUSH0 1 ${0x4000 + i} GAS CALL ADD`),
    others: Object.fromEntries(Array.from({ length: 16 }, (_, i) => [account(0x4000 + i), { balance: '0x1' }])),
  }),
  'logs': program('LOG2 of 64 bytes', 8000, {
    group: 'state', init: '5', height: 1, body: repeat(16, '1 ADD DUP1 DUP1 0x40 0x40 LOG2'),
  }),
  'creates': program('CREATE and CREATE2 of a contract of 32 bytes', 1000, {
    // PUSH1 0x20, PUSH0, RETURN: 32 zero bytes of code
    group: 'state', init: "0x60205ff3 0x40 MSTORE 5", height: 1,
    body: repeat(8, (i) => `4 0x5c PUSH0 CREATE ADD DUP2 3 SHL ${i} ADD 4 0x5c PUSH0 CREATE2 ADD`),
  }),
  'big-init-code': big_init_code('CREATE of 48 KiB of jump destinations, one jump', 300, '5b'),
  'big-init-code-push': big_init_code('CREATE of 48 KiB of PUSH1, one jump', 300, '605b'),
  'cold-contracts': cold_contracts('makes contracts of 24 KiB and calls each once', 200),
  ...Object.fromEntries(Object.entries(precompiles()).map(([name, row]) => [`precompile-${name}`, precompile(name, row)])),
});

// A small assembler: words apart by blanks, to bytecode in hex.
//
//   ADD, PUSH0 ..   an opcode by its name in vm/opcodes.h
//   7, 0x2a         the shortest PUSH of that number
//   :name           a JUMPDEST that can be jumped to
//   @name           PUSH2 of where :name is
//   'ab12'          bytes as they are
//   ; ...           a comment, to the line's end
import { readFileSync } from 'node:fs';
import path from 'node:path';

const table = readFileSync(path.resolve(import.meta.dirname, '../../../../vm/opcodes.h'), 'utf8');
const opcodes = new Map([...table.matchAll(/X\(0x([0-9a-f]{2}), (\w+),/g)].map((row) => [row[2], row[1]]));

const hex = (number, digits) => number.toString(16).padStart(digits, '0');

function push(number) {
  if (number === 0n) return opcodes.get('PUSH0');
  const digits = number.toString(16);
  const size = Math.ceil(digits.length / 2);
  if (size > 32) throw new Error(`assembler: ${number} has more than 32 bytes`);
  return hex(0x5f + size, 2) + hex(number, 2 * size);
}

export function assemble(text) {
  const labels = new Map();
  const parts = [];
  let size = 0;
  for (const word of text.replace(/;.*$/gm, '').split(/\s+/).filter(Boolean)) {
    let part;
    if (word.startsWith(':')) {
      if (labels.has(word.slice(1))) throw new Error(`assembler: two labels ${word}`);
      labels.set(word.slice(1), size);
      part = opcodes.get('JUMPDEST');
    } else if (word.startsWith('@')) {
      part = { label: word.slice(1) };
    } else if (word.startsWith("'")) {
      part = word.slice(1, -1);
    } else if (/^(\d+|0x[0-9a-fA-F]+)$/.test(word)) {
      part = push(BigInt(word));
    } else if (opcodes.has(word)) {
      part = opcodes.get(word);
    } else {
      throw new Error(`assembler: ${word} is no opcode, number or label`);
    }
    parts.push(part);
    size += part.label === undefined ? part.length / 2 : 3;
  }
  return parts.map((part) => {
    if (part.label === undefined) return part;
    if (!labels.has(part.label)) throw new Error(`assembler: no label ${part.label}`);
    return `61${hex(labels.get(part.label), 4)}`;
  }).join('');
}

export const repeat = (count, text) => Array.from({ length: count }, (_, index) => (
  typeof text === 'function' ? text(index) : text)).join('\n');

// A program that runs `body` as often as the first word of its calldata says and returns two words:
// what `result` leaves on the stack, and the gas it all took. `init` pushes `height` words, which
// `body` finds and leaves on the stack (the count of rounds lies below them). Memory from 0x40 on
// is the body's.
export function loop({ init = '', height = 0, body, result = 'DUP1', more = '' }) {
  return assemble(`
    GAS PUSH0 MSTORE
    PUSH0 CALLDATALOAD
    ${init}
    :loop
    ${body}
    1 DUP${height + 2} SUB SWAP${height + 1} POP
    DUP${height + 1} @loop JUMPI
    ${result} 0x20 MSTORE
    GAS PUSH0 MLOAD SUB PUSH0 MSTORE
    0x40 PUSH0 RETURN
    ${more}`);
}

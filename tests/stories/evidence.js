// Somebody says two things. Three honest members of a committee of four name it; the proof that they
// made is checked by two programs that know nothing but the committee: one written here on ethers
// alone, and a contract in the EVM. And nobody is framed: a proof with anything changed is refused.
import { compile } from '../e2e/lib/compile.js';
import { Interface, concat, dataSlice, getAddress, keccak256, recoverAddress, toBeHex, toUtf8Bytes } from '../e2e/lib/ethers.js';
import { program, run } from '../e2e/lib/node.js';
import { say, shows, story, type } from './story.js';

const kinds = { 1: 'PROPOSAL', 2: 'NOTARIZE', 3: 'NULLIFY', 4: 'FINALIZE' };
const NULLIFY = 3;
const FINALIZE = 4;
const half_order = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;
const allowed = ['a notarize and a nullify vote', 'one notarize vote, twice'];
const short = (hex) => `${hex.slice(0, 12)}...${hex.slice(-6)}`;

// The layout of node/consensus/evidence.h.
function read(proof) {
  const one = (kind_at, digest_at, signature_at) => ({
    kind: Number(dataSlice(proof, kind_at, kind_at + 1)),
    digest: dataSlice(proof, digest_at, digest_at + 32),
    signature: dataSlice(proof, signature_at, signature_at + 65),
  });
  return {
    version: Number(dataSlice(proof, 0, 1)),
    epoch: BigInt(dataSlice(proof, 3, 11)),
    view: BigInt(dataSlice(proof, 11, 19)),
    signer: Number(dataSlice(proof, 19, 21)),
    statements: [one(1, 21, 85), one(2, 53, 150)],
  };
}

// What a member signs: ledger/chain/finality.h.
function signed_digest(committee, statement, view) {
  return keccak256(concat([
    toUtf8Bytes('ORG1'), toBeHex(statement.kind, 1), toBeHex(committee.chainId, 32), committee.genesis,
    toBeHex(committee.epoch, 8), committee.hash, toBeHex(view, 8),
    statement.kind === NULLIFY ? '0x' : statement.digest,
  ]));
}

function signer_of(committee, statement, view) {
  const [r, s, odd] = [dataSlice(statement.signature, 0, 32), dataSlice(statement.signature, 32, 64), dataSlice(statement.signature, 64)];
  if (BigInt(odd) > 1n || BigInt(s) > half_order) return undefined;
  try {
    return recoverAddress(signed_digest(committee, statement, view), { r, s, v: 27 + Number(odd) });
  } catch {
    return undefined; // no such point
  }
}

function contradicts([first, second]) {
  if (first.kind === NULLIFY) return second.kind === FINALIZE && BigInt(first.digest) === 0n;
  return first.kind in kinds && first.kind === second.kind && first.digest < second.digest;
}

// The member's address, or undefined.
function culprit(committee, proof) {
  const { version, epoch, view, signer, statements } = read(proof);
  const member = committee.members[signer];
  const is_sound = version === 1 && epoch === BigInt(committee.epoch) && member !== undefined && contradicts(statements)
    && statements.every((one) => signer_of(committee, one, view) === getAddress(member));
  return is_sound ? getAddress(member) : undefined;
}

function changed(proof, at, bit) {
  const bytes = Buffer.from(proof.slice(2), 'hex');
  bytes[at] ^= 1 << bit;
  return `0x${bytes.toString('hex')}`;
}

await story('evidence', async () => {
  const told = await type(program('evidence_committee'), [], { quiet: true });
  if (told.code !== 0) throw new Error(told.stderr);
  const { committee, cases } = JSON.parse(told.stdout);
  const levm = program('levm');
  const { abi, bytecode } = compile('Evidence');
  const contract = new Interface(abi);
  const code = (await run(levm, ['run', '--create', '--code', bytecode])).stdout.trim();
  const known = { ...committee };
  const input = (proof) => contract.encodeFunctionData('culprit', [proof, known]);
  const ask = (proof) => run(levm, ['run', '--code', code, '--input', input(proof)]);

  say(`A committee of ${committee.members.length}, ledger ${committee.chainId}, epoch ${committee.epoch}; member ${committee.leader} leads view 1:`);
  committee.members.forEach((member, i) => say(`  member ${i}  ${getAddress(member)}`));

  for (const one of cases) {
    say(`\nMember ${one.signer} says, with its real key: ${one.name}.`);
    one.statements.forEach(({ wire }, i) => say(`  message ${i + 1}, as sent: ${wire.length > 130 ? `${wire.slice(0, 130)}...` : wire}`));
    if (allowed.includes(one.name)) {
      shows(one.accusers === 0, 'that is allowed: no honest member accuses anybody');
      continue;
    }
    const proof = read(one.proof);
    say(`  the proof, ${(one.proof.length - 2) / 2} bytes: ${one.proof}`);
    proof.statements.forEach((statement, i) => say(`  statement ${i + 1}: ${kinds[statement.kind]} of ${short(statement.digest)} in view ${proof.view}, signature ${short(statement.signature)}`));
    shows(one.accusers === committee.members.length - 1, `all ${one.accusers} honest members name member ${proof.signer}, in the same bytes, in whatever order they heard it`);
    const guilty = getAddress(committee.members[one.signer]);
    shows(culprit(committee, one.proof) === guilty, `a program that knows only the committee finds ${guilty}`);
    const asked = await type(levm, ['run', '--code', code, '--input', input(one.proof), '--statdump'], { quiet: true, shown: 'levm run --code EVIDENCE.SOL --input culprit(PROOF, COMMITTEE)' });
    say(`  ${asked.stdout.trim()}`);
    const gas = asked.stderr.match(/gas\D*(\d+)/i);
    shows(asked.stdout.trim() === contract.encodeFunctionResult('culprit', [guilty]), `so does a contract${gas ? `, with ${gas[1]} gas` : ''}`);
    shows(one.forgeriesAccepted === 0, `no honest member accepts it with any one of its ${(one.proof.length - 2) * 4} bits changed`);
  }

  const [first] = cases;
  say('\nNobody is framed. The first proof with one bit changed, for each of its bytes:');
  let believed = 0;
  for (let at = 0; at < 215; at++) if (culprit(committee, changed(first.proof, at, at % 8)) !== undefined) believed++;
  shows(believed === 0, 'the program refuses all 215');
  let paid = 0;
  const places = [0, 1, 2, 10, 18, 20, 30, 60, 90, 120, 149, 160, 190, 214];
  for (const at of places) if (!/execution reverted/.test((await ask(changed(first.proof, at, 0))).stdout)) paid++;
  shows(paid === 0, `the contract reverts for each of ${places.length}`);
  const other = (first.signer + 1) % committee.members.length;
  const framed = first.proof.slice(0, 2 + 38) + other.toString(16).padStart(4, '0') + first.proof.slice(2 + 42);
  const refused = await ask(framed);
  shows(culprit(committee, framed) === undefined && refused.stdout.includes(contract.getError('NotSigned').selector), `the same two statements in the name of member ${other}: NotSigned`);
  const again = `0x${first.proof.slice(2, 44)}${first.proof.slice(44, 108)}${first.proof.slice(44, 108)}${first.proof.slice(172, 302)}${first.proof.slice(172, 302)}`;
  shows(culprit(committee, again) === undefined && (await ask(again)).stdout.includes(contract.getError('NoContradiction').selector), 'one statement shown twice: NoContradiction');
  known.epoch = committee.epoch + 1;
  shows((await ask(first.proof)).stdout.includes(contract.getError('WrongForm').selector), 'to a contract that knows the next epoch\'s committee: WrongForm');
});

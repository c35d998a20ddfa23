// Every command of lwallet in a real terminal, as docs/wallet.md shows it. That page is the script
// of this tour: its console blocks are typed line by line, and what the terminal shows must be what
// stands there. `--write` puts the present answers into the page instead.
import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { newFolder, program, run, startNode } from '../e2e/lib/node.js';
import { say, shows, story } from './story.js';

const root = path.resolve(import.meta.dirname, '../..');
const page = path.join(root, 'docs/wallet.md');
const isWriting = process.argv.includes('--write');
const phrase = `${'test '.repeat(11)}junk`; // known to everybody: for tests only
const port = '127.0.0.1:8545'; // in the page, whatever the node's is

// What somebody types when asked; `# ...` behind a command says what they get wrong.
function answerTo(question, command) {
  if (/^(Phrase)/.test(question)) return /# two words exchanged/.test(command) ? `${'test '.repeat(10)}junk test` : phrase;
  if (/choice/.test(question)) return 'open';
  if (/Is that what you want/.test(question)) return 'yes';
  return /# a wrong password/.test(command) ? 'wrong' : 'correct horse';
}

// Types one command into a terminal of its own (script's) and returns all that it showed.
function typeInTerminal(command, { env, cwd }) {
  return new Promise((resolve, reject) => {
    const child = spawn('script', ['-qfec', command, '/dev/null'], { env: { ...env, SHELL: '/bin/bash' }, cwd });
    let shown = '';
    let answered = 0;
    const late = setTimeout(() => child.kill('SIGKILL'), 60000);
    child.stdout.setEncoding('utf8'); // a letter may lie across two pieces
    child.stdout.on('data', (text) => {
      shown += text;
      const question = shown.slice(answered).match(/(?:^|\n)([A-Z][^\n]*: )$/);
      if (!question) return;
      answered = shown.length;
      // Whoever asks has turned echo off by the time a person types.
      setTimeout(() => child.stdin.write(`${answerTo(question[1], command)}\n`), 150);
    });
    child.on('error', reject);
    child.on('close', () => { clearTimeout(late); resolve(shown.replaceAll('\r\n', '\n')); });
  });
}

// What differs from run to run, in words that say what stands there.
function settle(text, surroundings) {
  const { url, folder, known } = surroundings;
  surroundings.made ??= text.match(/new account \w+: (0x\w{40})/)?.[1]; // by chance, alone in that
  const made = surroundings.made ?? '0x…';
  return text
    .replaceAll(/\x1b\[[\d;]*m/g, '')
    .replaceAll(/^sent 0x\w+, waiting until it is final \.\.\.\n/gm, '')
    .replaceAll(/\rblock \d+ of \d+\n?/g, '')
    .replaceAll(url.replace('http://', ''), port)
    .replaceAll(folder, '~')
    .replaceAll(/(\d+\. )[a-z]+( *)/g, '$1·····$2').replaceAll(/· +(\d+\. )/g, '·  $1').replaceAll(/· +$/gm, '·')
    .replaceAll(made, '0x…')
    .replaceAll(/0x\w{40}( {2}paid to )0x\w{40}/g, '0x…$10x…') // the node's keys
    .replaceAll(/\b([a-z]+-){5}[a-z]+\b/g, '<six words>')
    .replaceAll(/0x[0-9a-f]{64}\b/g, (hash) => (known.has(hash) ? hash : '0x…'))
    .replaceAll(/(block )(number )?(\d+)/g, '$1<n>').replaceAll(/("block": )\d+/g, '$1<n>')
    .replaceAll(/(block +)\d+(, final)/g, '$1<n>$2').replaceAll(/(from block )<n>( to )\d+/g, '$10$2<n>')
    .replaceAll(/(blocks +)\d+ with/g, '$1<n> with')
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d/g, '<date>')
    .replaceAll(/[ \t]+$/gm, '');
}

// The blocks of the page: [{ start, end, lines }], and the commands in them.
function consoleBlocks(text) {
  return [...text.matchAll(/^```console\n([\s\S]*?)^```$/gm)].map((match) => ({
    start: match.index + '```console\n'.length,
    end: match.index + match[0].length - 3,
    commands: match[1].split('\n').filter((line) => line.startsWith('$ ')).map((line) => line.slice(2)),
  }));
}

async function walk(text, surroundings, blocks) {
  let made = '';
  let at = 0;
  for (const block of blocks) {
    made += text.slice(at, block.start);
    for (const command of block.commands) {
      const typed = command.replaceAll(port, surroundings.url.replace('http://', ''));
      const shown = settle(await typeInTerminal(typed, surroundings), surroundings);
      say(`$ ${command}\n${shown.trimEnd()}`);
      if (/Sanitizer|runtime error:/.test(shown)) shows(false, 'no sanitizer has a word to say');
      made += `$ ${command}\n${shown}`;
    }
    at = block.end;
  }
  return made + text.slice(at);
}

// The part between two markers is a table made from what lwallet says of itself.
function fill(text, name, lines) {
  const [open, close] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
  const from = text.indexOf(open) + open.length;
  return `${text.slice(0, from)}\n${lines.join('\n')}\n${text.slice(text.indexOf(close))}`;
}

async function reference(text) {
  const { commands } = JSON.parse((await run(program('lwallet'), ['help', '--json'])).stdout);
  const escape = (words) => words.replaceAll('|', '\\|');
  const rows = commands.map(({ command, arguments: after, summary, options }) => {
    const own = options.map(({ name }) => `--${name}`).filter((one) => one !== '--json');
    return `| \`${escape(`${command} ${after}`.trim())}\` | ${summary} | ${own.join(' ')} |`;
  });
  const help = (await run(program('lwallet'), ['help'])).stdout;
  const codes = [...help.matchAll(/^ {2}(\d) {2}(.*)$/gm)].map(([, code, meaning]) => `| ${code} | ${meaning} |`);
  return fill(fill(text, 'commands', ['| command | does | options |', '| --- | --- | --- |', ...rows]),
    'exit codes', ['| exit | meaning |', '| --- | --- |', ...codes]);
}

function firstDifference(expected, found) {
  const [a, b] = [expected.split('\n'), found.split('\n')];
  const line = a.findIndex((one, at) => one !== b[at]);
  return `line ${line + 1}\n  the page: ${a[line]}\n  now:      ${b[line]}`;
}

await story('wallet-tour', async () => {
  const text = readFileSync(page, 'utf8');
  const blocks = consoleBlocks(text);
  const folder = newFolder();
  const dataDir = path.join(folder, 'node');
  const node = await startNode({ chainId: 88020, dataDir });
  const cwd = path.join(folder, 'work');
  mkdirSync(cwd);
  copyFileSync(path.join(root, 'docs/tour/Guestbook.json'), path.join(cwd, 'Guestbook.json'));
  copyFileSync(path.join(root, 'docs/tour/permit.json'), path.join(cwd, 'permit.json'));
  writeFileSync(path.join(cwd, 'password'), 'correct horse\n', { mode: 0o600 });
  const env = {
    HOME: folder, PATH: `${path.dirname(path.resolve(program('lwallet')))}:${process.env.PATH}`, LEITHER_DATA_DIR: dataDir,
    TERM: 'xterm', LANG: 'C.UTF-8',
  };
  // Hashes that the page itself types are the same in every run: accounts known to everybody.
  const known = new Set(blocks.flatMap((block) => block.commands).join('\n').match(/0x[0-9a-f]{64}\b/g));
  const present = await reference(await walk(text, { env, cwd, url: node.url, folder, known }, blocks));
  await node.stop();
  rmSync(folder, { recursive: true, force: true });

  const { commands } = JSON.parse((await run(program('lwallet'), ['help', '--json'])).stdout);
  const typed = blocks.flatMap((block) => block.commands).join('\n');
  for (const { command } of commands) shows(new RegExp(`lwallet ${command}( |$)`, 'm').test(typed), `the tour calls on ${command}`);
  if (isWriting) {
    writeFileSync(page, present);
    say('docs/wallet.md is written');
  } else {
    shows(present === text, present === text ? 'docs/wallet.md shows what the terminal shows'
      : `docs/wallet.md is stale; write it anew with: tests/run.sh story wallet-tour --write\n  first at ${firstDifference(text, present)}`);
  }
});

// What Linux says of a process, and figures as text.
import { readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';

const ticks_per_s = 100; // USER_HZ: fixed in Linux's interface to user programs

function field(text, name) {
  const match = text.match(new RegExp(`^${name}:\\s*(\\d+)`, 'm'));
  if (!match) throw new Error(`/proc has no ${name}`);
  return Number(match[1]);
}

// Processor seconds of all threads, those that ended too: user + system.
export function cpu_s(pid) {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticks_per_s;
}
export const peak_rss_kb = (pid) => field(readFileSync(`/proc/${pid}/status`, 'utf8'), 'VmHWM');
export const written_bytes = (pid) => field(readFileSync(`/proc/${pid}/io`, 'utf8'), 'write_bytes');

export function memory_kb(pid) {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return { rss: field(text, 'Rss'), pss: field(text, 'Pss'), anonymous: field(text, 'Anonymous') };
}

// Voluntary context switches of all threads: how often the process woke up by itself.
export function wakes(pid) {
  return readdirSync(`/proc/${pid}/task`).reduce((sum, task) => sum
    + field(readFileSync(`/proc/${pid}/task/${task}/status`, 'utf8'), 'voluntary_ctxt_switches'), 0);
}

export function folder_bytes(folder) {
  return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const at = path.join(folder, entry.name);
    return sum + (entry.isDirectory() ? folder_bytes(at) : entry.isFile() ? statSync(at).size : 0);
  }, 0);
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)];
}

export function table(rows) {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => String(row[i]).length)));
  return rows.map((row) => row.map((cell, i) => (i === 0
    ? String(cell).padEnd(widths[i]) : String(cell).padStart(widths[i]))).join('  ')).join('\n');
}

export function machine() {
  const info = readFileSync('/proc/cpuinfo', 'utf8');
  const models = info.match(/^model name\s*:\s*(.*)$/gm) ?? ['unknown processor'];
  return `${models.length} x ${models[0].replace(/^.*:\s*/, '')}`;
}

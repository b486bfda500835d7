// node table.mjs FILE: the JSON lines of liaison_bench and peer.mjs as Markdown: medians over the runs, limits beside
// them, how many times better ours is where the peer has the same workload, and what trust costs.
import {readFileSync} from 'node:fs';

const lines = readFileSync(process.argv[2], 'utf8').split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

// {workload, variant, side, runs, figures: {name: median}}
function summarise() {
  const groups = new Map();
  for (const {workload, variant, side: program, trust, ...figures} of lines) {
    if (workload === undefined) continue;
    const side = trust === 1 ? `${program}, TLS` : program;
    const key = `${workload}|${variant}|${side}`;
    if (!groups.has(key)) groups.set(key, {workload, variant, side, runs: []});
    groups.get(key).runs.push(figures);
  }
  return [...groups.values()].map((group) => {
    const names = new Set(group.runs.flatMap((run) => Object.keys(run)));
    const figures = {};
    for (const name of names) figures[name] = median(group.runs.map((run) => run[name]).filter((value) => typeof value === 'number'));
    return {...group, runs: group.runs.length, figures};
  });
}

function show(value) {
  if (value === undefined || Number.isNaN(value)) return '';
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(3)));
}

const columns = [
  ['ms', 'ms'], ['records/s', 'records_per_s'], ['bytes up', 'up'], ['bytes down', 'down'], ['turns', 'turns'], ['conns', 'connections'],
  ['hub CPU s', 'hub_cpu_s'], ['station CPU s', 'station_cpu_s'], ['hub MB', 'hub_peak_mb'], ['station MB', 'station_peak_mb'],
];
const shown = new Set([...columns.map(([, name]) => name), 'records', 'bytes']);

function printFigures(groups) {
  console.log(`| | side | variant | runs | ${columns.map(([title]) => title).join(' | ')} | more |`);
  console.log(`|---|---|---|--:|${columns.map(() => '--:|').join('')}---|`);
  for (const {workload, side, variant, runs, figures} of groups) {
    const more = Object.entries(figures).filter(([name]) => !shown.has(name)).map(([name, value]) => `${name} ${show(value)}`).join(', ');
    console.log(`| ${workload} | ${side} | ${variant} | ${runs} | ${columns.map(([, name]) => show(figures[name])).join(' | ')} | ${more} |`);
  }
}

// Our variant stands beside the peer's that begins with the same words.
function printRatios(groups) {
  const peers = groups.filter(({side}) => side === 'pouchdb');
  if (peers.length === 0) return;
  console.log('\nPeer ÷ ours (above 1: ours is better)\n');
  console.log('| | variant | time | bytes | turns | hub CPU | station CPU | hub MB | station MB |');
  console.log('|---|---|--:|--:|--:|--:|--:|--:|--:|');
  for (const peer of peers) {
    const ours = groups.find(({side, workload, variant}) => side === 'liaison' && workload === peer.workload && peer.variant.startsWith(variant));
    if (ours === undefined) continue;
    const never = peer.figures.delivered === 0;
    const ratio = (name) => (ours.figures[name] > 0 && peer.figures[name] !== undefined ? show(peer.figures[name] / ours.figures[name]) : '');
    const cells = ['ms', 'bytes', 'turns', 'hub_cpu_s', 'station_cpu_s', 'hub_peak_mb', 'station_peak_mb'].map(ratio);
    if (never) cells[0] = `never (${show(peer.figures.arrived)} of ${show(peer.figures.records)})`;
    console.log(`| ${peer.workload} | ${peer.variant} | ${cells.join(' | ')} |`);
  }
}

function printTrust(groups) {
  const trusted = groups.filter(({side}) => side === 'liaison, TLS');
  if (trusted.length === 0) return;
  console.log('\nWith certificates and TLS, beside clear text\n');
  console.log('| | variant | bytes | clear | more | turns | clear | ms | clear | hub CPU s | clear |');
  console.log('|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|');
  for (const {workload, variant, figures: f} of trusted) {
    const clear = groups.find((group) => group.side === 'liaison' && group.workload === workload && group.variant === variant)?.figures ?? {};
    const pairs = ['turns', 'ms', 'hub_cpu_s'].map((name) => `${show(f[name])} | ${show(clear[name])}`);
    console.log(`| ${workload} | ${variant} | ${show(f.bytes)} | ${show(clear.bytes)} | ${show(f.bytes - clear.bytes)} | ${pairs.join(' | ')} |`);
  }
}

function printLimits(groups) {
  console.log('\nBeside the limits\n');
  console.log('| | side | what | ours | limit | ours ÷ limit |');
  console.log('|---|---|---|--:|--:|--:|');
  for (const {workload, side, variant, figures: f} of groups.filter(({side}) => side !== 'pouchdb')) {
    const row = (of, what, ours, limit) => ours !== undefined && limit > 0 && console.log(`| ${of} | ${side} | ${what} | ${show(ours)} | ${show(limit)} | ${show(ours / limit)} |`);
    row(workload, 'wire bytes, zstd -3 of the records + 10 each', f.bytes, workload === 'W1' ? f.bound_3 : 0);
    row(workload, 'wire bytes, zstd -19 of the records + 10 each', f.bytes, workload === 'W5' ? f.bound_19 : 0);
    row(workload, 'records/s, bare ingestion of the same pairs', f.records_per_s, f.bare_records_per_s);
    row(workload, 'ms, bytes ÷ rate + 2 round trips', f.ms, f.bytes_over_rate_ms + 1200);
    row(workload, 'p99 ms of a save, bare synced put', f.p99_ms, f.bare_put_p99_ms);
    if (workload === 'W6' && variant !== 'uncut') {
      const uncut = groups.find((group) => group.workload === 'W6' && group.variant === 'uncut' && group.side === side);
      row(workload, `bytes, ${variant}, uncut`, f.bytes, uncut?.figures.bytes);
    }
  }
}

const groups = summarise();
printFigures(groups);
printRatios(groups);
printTrust(groups);
printLimits(groups);

// Processes of one measurement of the peer: hub, stations, link; and what they use. Everything ends with this process.
import {execFileSync, fork, spawn} from 'node:child_process';
import {mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import {createInterface} from 'node:readline';
import {setTimeout as pause} from 'node:timers/promises';

const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1));

function track(child) {
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

export async function end(child, signal = 'SIGTERM') {
  if (!running.has(child)) return;
  const gone = new Promise((done) => child.once('exit', done));
  child.kill(signal);
  const force = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await gone;
  clearTimeout(force);
}

const ticks = Number(execFileSync('getconf', ['CLK_TCK'])); // a second
export function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticks;
}
function statusMb(pid, field) {
  return Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
}
export const peakMb = (pid) => statusMb(pid, 'VmHWM');
export const residentMb = (pid) => statusMb(pid, 'VmRSS');
export const resetPeak = (pid) => writeFileSync(`/proc/${pid}/clear_refs`, '5');

export function freshDir(work, name) {
  const dir = `${work}/${name}`;
  rmSync(dir, {recursive: true, force: true});
  mkdirSync(dir, {recursive: true});
  return dir;
}

function freePort() {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const {port} = server.address();
      server.close(() => done(port));
    });
  });
}

export class Hub {
  static async start(work) {
    const hub = new Hub();
    const dir = freshDir(work, 'peer-hub');
    const port = await freePort();
    hub.address = `http://127.0.0.1:${port}`;
    hub.port = port;
    hub.child = track(spawn(process.execPath, [
      `${process.env.PEER_MODULES}/pouchdb-server/bin/pouchdb-server`, '--port', port, '--host', '127.0.0.1',
      '--dir', `${dir}/data`, '--config', `${dir}/config.json`, '--no-stdout-logs',
    ], {cwd: dir, stdio: 'ignore'}));
    for (const begin = Date.now(); ; await pause(50)) {
      const answer = await fetch(hub.address).catch(() => null);
      if (answer?.ok) break;
      if (!running.has(hub.child) || Date.now() - begin > 120_000) throw new Error('the hub does not answer');
    }
    return hub;
  }
  async create(db) {
    await fetch(`${this.address}/${db}`, {method: 'PUT', headers: {connection: 'close'}});
  }
  async count(db) {
    const answer = await fetch(`${this.address}/${db}`, {headers: {connection: 'close'}});
    return (await answer.json()).doc_count;
  }
  stop() {
    return end(this.child);
  }
}

export class Station {
  constructor() {
    this.child = track(fork(new URL('station.mjs', import.meta.url).pathname));
    this.waiting = new Map();
    this.calls = 0;
    this.child.on('message', ({id, value, error}) => {
      const {done, fail} = this.waiting.get(id);
      this.waiting.delete(id);
      if (error === undefined) done(value);
      else fail(new Error(error));
    });
    this.child.on('exit', () => this.waiting.forEach(({fail}) => fail(new Error('the station ended'))));
  }
  call(name, args = {}) {
    const id = ++this.calls;
    return new Promise((done, fail) => {
      this.waiting.set(id, {done, fail});
      this.child.send({id, name, args});
    });
  }
  stop() {
    return end(this.child);
  }
}

// The same link as ours: see link_sim.cc.
export class Link {
  static async start(toPort, options = []) {
    const link = new Link();
    link.child = track(spawn(process.env.LINK_SIM, ['--to', String(toPort), ...options], {stdio: ['pipe', 'pipe', 'inherit']}));
    link.lines = createInterface({input: link.child.stdout})[Symbol.asyncIterator]();
    link.port = (await link.next()).port;
    return link;
  }
  async next() {
    return JSON.parse((await this.lines.next()).value);
  }
  command(word) {
    this.child.stdin.write(`${word}\n`);
    return this.next();
  }
  async quiet(ms) {
    for (;;) {
      const stats = await this.command('stats');
      const since = Date.now() - Math.max(stats.last_up_ms, stats.last_down_ms);
      if (since >= ms) return stats;
      await pause(Math.max(1, ms - since));
    }
  }
  stop() {
    return end(this.child);
  }
}

// What `step` costs: {ms, up, down, bytes, turns, connections, hub_cpu_s, …}. `ms` is the time that `step` takes.
export async function measure(hub, link, stations, step, quietMs = 200) {
  const pids = stations.map((station) => station.child.pid);
  [hub.child.pid, ...pids].forEach(resetPeak);
  const sum = (values) => values.reduce((a, b) => a + b, 0);
  const before = await link.command('stats');
  const hubCpu = cpuSeconds(hub.child.pid);
  const stationCpu = sum(pids.map(cpuSeconds));
  const begin = performance.now();
  await step();
  const ms = performance.now() - begin;
  const after = await link.quiet(quietMs);
  const difference = (name) => after[name] - before[name];
  return {
    ms, up: difference('up'), down: difference('down'), bytes: difference('up') + difference('down'),
    turns: difference('turns'), connections: difference('connections'), cuts: difference('cuts'),
    hub_cpu_s: cpuSeconds(hub.child.pid) - hubCpu, station_cpu_s: sum(pids.map(cpuSeconds)) - stationCpu,
    hub_peak_mb: peakMb(hub.child.pid), station_peak_mb: sum(pids.map(peakMb)),
  };
}

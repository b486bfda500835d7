// The workloads with what users would choose instead: PouchDB at the station, pouchdb-server at the hub, over the same
// link and with the same records. One JSON line a run, in the form of liaison_bench.
//
//   PEER_MODULES=DIR/node_modules LINK_SIM=FILE LIAISON_BENCH=FILE node peer.mjs W1 [W2 …] [--records N] [--runs R] …
import {execFileSync} from 'node:child_process';
import {writeFileSync} from 'node:fs';
import {setTimeout as pause} from 'node:timers/promises';
import {parseArgs} from 'node:util';
import {freshDir, Hub, Link, measure, residentMb, Station} from './rig.mjs';

const {values: options, positionals: chosen} = parseArgs({
  allowPositionals: true,
  options: {
    records: {type: 'string', default: '0'}, runs: {type: 'string', default: '3'}, seed: {type: 'string', default: '1'},
    work: {type: 'string', default: 'peer-work'}, 'idle-s': {type: 'string', default: '60'}, 'limit-s': {type: 'string', default: '300'},
  },
});
const runs = Number(options.runs);
const numberOr = (own) => Number(options.records) || own;
const thin = ['--rate-kbit', '64', '--rtt-ms', '600'];

function print(workload, variant, figures) {
  const round = (x) => (typeof x === 'number' ? Number(x.toFixed(4)) : x);
  const line = {workload, side: 'pouchdb', variant, ...figures};
  console.log(JSON.stringify(Object.fromEntries(Object.entries(line).map(([k, v]) => [k, round(v)]))));
}

// The records that liaison_bench enters, as files: {file: all of them, of: (station) => file}.
function records(count, stations = 1) {
  const dir = freshDir(options.work, 'records');
  const text = execFileSync(process.env.LIAISON_BENCH, ['records', '--records', String(count), '--stations', String(stations), '--seed', options.seed], {maxBuffer: 1 << 30, encoding: 'utf8'});
  const lines = text.trimEnd().split('\n');
  const each = lines.length / stations;
  return Array.from({length: stations}, (_, i) => {
    const file = `${dir}/${i}.ndjson`;
    writeFileSync(file, lines.slice(i * each, (i + 1) * each).join('\n') + '\n');
    return file;
  });
}

async function rig(linkOptions, file, fill) {
  const hub = await Hub.start(options.work);
  await hub.create('town');
  const link = await Link.start(hub.port, linkOptions);
  const station = new Station();
  await station.call('open', {name: 'a', dir: `${freshDir(options.work, 'peer-station')}/db`, file});
  await station.call('fill', {name: 'a', count: fill});
  const url = `http://127.0.0.1:${link.port}/town`;
  return {
    hub, link, station, url,
    stop: async () => {
      await station.stop();
      await link.stop();
      await hub.stop();
    },
  };
}

async function check(hub, expected) {
  const found = await hub.count('town');
  if (found !== expected) throw new Error(`the hub has ${found} of ${expected}`);
}

const workloads = {
  async W1() {
    const n = numberOr(5000);
    const [file] = records(n);
    for (const mode of ['push', 'two-way']) {
      for (let run = 0; run < runs; ++run) {
        const at = await rig([], file, n);
        const figures = await measure(at.hub, at.link, [at.station], () => at.station.call('replicate', {name: 'a', url: at.url, mode}));
        await check(at.hub, n);
        print('W1', `first sync, ${mode}`, {records: n, ...figures, records_per_s: (n / figures.ms) * 1000});
        await at.stop();
      }
    }
  },

  async W2() {
    const [total, processes, each] = [96, 4, numberOr(200)];
    const files = records(each, total);
    for (let run = 0; run < runs; ++run) {
      const hub = await Hub.start(options.work);
      await hub.create('town');
      const link = await Link.start(hub.port);
      const fleet = [];
      for (let p = 0; p < processes; ++p) {
        const station = new Station();
        station.names = Array.from({length: total / processes}, (_, i) => `s${p * (total / processes) + i}`);
        for (const name of station.names) {
          const i = Number(name.slice(1));
          await station.call('open', {name, dir: `${freshDir(options.work, `peer-${name}`)}/db`, file: files[i]});
          await station.call('fill', {name, count: each});
        }
        fleet.push(station);
      }
      let done;
      const figures = await measure(hub, link, fleet, async () => {
        const url = `http://127.0.0.1:${link.port}/town`;
        done = (await Promise.all(fleet.map((station) => station.call('replicateAll', {url, mode: 'push', names: station.names})))).flat();
      });
      await check(hub, total * each);
      const sorted = done.sort((a, b) => a - b);
      const n = total * each;
      print('W2', `${total} x ${each}`, {records: n, ...figures, done_p50_ms: sorted[sorted.length >> 1], done_max_ms: sorted.at(-1), records_per_s: (n / figures.ms) * 1000});
      for (const station of fleet) await station.stop();
      await link.stop();
      await hub.stop();
    }
  },

  async W3() {
    const n = numberOr(5000);
    const [file] = records(n + 200);
    for (const [speed, linkOptions] of [['fast', []], ['64k/600ms', thin]]) {
      const at = await rig([], file, n);
      await at.station.call('replicate', {name: 'a', url: at.url, mode: 'two-way'});
      await at.link.stop();
      const link = await Link.start(at.hub.port, linkOptions);
      const url = `http://127.0.0.1:${link.port}/town`;
      const once = () => at.station.call('replicate', {name: 'a', url, mode: 'two-way'});
      await once();
      const steps = {'one new record': () => at.station.call('put', {name: 'a'}), 'one field edited': () => at.station.call('edit', {name: 'a', status: `已办结${Math.random()}`})};
      for (let run = 0; run < runs; ++run) {
        for (const [variant, step] of Object.entries(steps)) {
          await step();
          await at.station.call('disconnect', {name: 'a'});
          print('W3', `${variant}, ${speed}, closed link`, await measure(at.hub, link, [at.station], once));
        }
      }
      await at.station.call('live', {name: 'a', url});
      await link.quiet(3000);
      for (let run = 0; run < runs; ++run) {
        const before = await at.hub.count('town');
        const figures = await measure(at.hub, link, [at.station], async () => {
          await steps['one new record']();
          while ((await at.hub.count('town')) === before) await pause(5);
        }, 4000);
        print('W3', `one new record, ${speed}, open link`, figures);
      }
      await at.station.call('stopLive');
      await link.stop();
      await at.stop();
    }
  },

  async W4() {
    const n = numberOr(5000);
    const [file] = records(n);
    const at = await rig([], file, n);
    await at.station.call('replicate', {name: 'a', url: at.url, mode: 'two-way'});
    for (const [speed, linkOptions] of [['fast', []], ['64k/600ms', thin]]) {
      const link = await Link.start(at.hub.port, linkOptions);
      const url = `http://127.0.0.1:${link.port}/town`;
      const once = () => at.station.call('replicate', {name: 'a', url, mode: 'two-way'});
      await once();
      for (let run = 0; run < runs; ++run) {
        await at.station.call('disconnect', {name: 'a'});
        print('W4', `nothing to do, ${speed}, closed link`, await measure(at.hub, link, [at.station], once));
      }
      if (speed === 'fast') {
        await at.station.call('live', {name: 'a', url});
        await link.quiet(2000);
        const seconds = Number(options['idle-s']);
        print('W4', `idle for ${seconds} s, open link`, await measure(at.hub, link, [at.station], () => pause(seconds * 1000)));
        await at.station.call('stopLive');
      }
      await link.stop();
    }
    await at.stop();
  },

  async W5() {
    const n = numberOr(1000);
    const [file] = records(n);
    const at = await rig(thin, file, n);
    const figures = await measure(at.hub, at.link, [at.station], () => at.station.call('replicate', {name: 'a', url: at.url, mode: 'two-way'}));
    await check(at.hub, n);
    print('W5', '64 kbit/s, 600 ms', {records: n, ...figures});
    await at.stop();
  },

  async W6() {
    const n = numberOr(1000);
    const [file] = records(n);
    for (const batch of [100, 25, 5]) {
      for (const kb of [64, 16]) {
        const at = await rig([...thin, '--cut-link', String(kb << 10), '--down-ms', '500'], file, n);
        let result;
        const figures = await measure(at.hub, at.link, [at.station], async () => {
          result = await at.station.call('replicateUntilDone', {name: 'a', url: at.url, mode: 'push', batch, own: true, limitMs: Number(options['limit-s']) * 1000});
        });
        print('W6', `cut every ${kb} KB${batch === 100 ? '' : `, batch ${batch}`}`, {records: n, delivered: result.done ? 1 : 0, arrived: await at.hub.count('town'), tries: result.tries, ...figures});
        await at.stop();
      }
    }
  },

  async W8() {
    const n = numberOr(5000);
    const [file] = records(2 * n);
    for (let run = 0; run < runs; ++run) {
      const station = new Station();
      await station.call('open', {name: 'a', dir: `${freshDir(options.work, 'peer-station')}/db`, file});
      const ms = (await station.call('saves', {name: 'a', count: n})).sort((a, b) => a - b);
      print('W8', 'save of one record, not synced', {records: n, p50_ms: ms[ms.length >> 1], p99_ms: ms[Math.floor(ms.length * 0.99)], station_mb: residentMb(station.child.pid)});
      await station.stop();
    }
  },
};

for (const name of chosen) await workloads[name]();
process.exit(0);

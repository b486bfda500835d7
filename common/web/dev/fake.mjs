// A stand-in for the daemons, for work on the pages: answers the methods that they call, keeps everything in memory,
// serves the built page under the real content policy. It checks little and merges nothing.
//
//   node dev/fake.mjs [station|center|hub] [port]     port 0 takes a free one; the address is printed
//
// POST /fake/link {"up": true|false} plugs the cable in or out: receipts come one second after it is in.
// POST /fake/clock {"trouble": text, "today": date} puts the machine's clock in doubt.
// POST /fake/login: who may log in, and whether one must (fake-login.mjs).
// POST /fake/lose {"method": "LogVisit"} acts on this method's requests but drops the answers, until {"method": ""}. (Not by
// number: Chromium sends a request again by itself when a connection that it had open breaks.)
import {createServer} from 'node:http';
import {readFile} from 'node:fs/promises';
import {dirname, extname, join, normalize} from 'node:path';
import {fileURLToPath} from 'node:url';
import {FakeLogins} from './fake-login.mjs';
import {CATEGORIES, DEPARTMENTS, DEPUTIES, STATIONS} from './roster.mjs';

const role = process.argv[2] ?? 'station';
const port = Number(process.argv[3] ?? 8610);
const dist = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', role === 'hub' ? 'hub' : 'station', 'web', 'dist');
const home = STATIONS.find((s) => s.stationId === (role === 'station' ? 'HK-D057' : 'HK-Z001'));
const POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' blob:; object-src 'none'; base-uri 'none'";
const TYPES = {'.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml'};
const TODAY = '2026-11-20';
const RECEIPT_MS = 1000;
const STATE_OF = {DISPOSITION_ANSWERED: 'ANSWERED', DISPOSITION_VILLAGE: 'VILLAGE', DISPOSITION_GUIDED: 'GUIDED'};

const sessions = new Map();
const visits = new Map();
const matters = new Map();
const history = new Map();
const actions = new Map();
let conflicts = [];
let clashes = [];
let counter = 0;
let linkUp = false;
let plugged = 0;
let lose = '';
let clock = {};  // what the machine's clock is worth; `trouble` puts it in doubt
let batch = 0;
let held = [];

class Refused extends Error {
  constructor(code, message, ...details) {
    super(message);
    this.code = code;
    this.details = details.map((type) => ({type: `liaison.v1.${type}`, value: ''}));
  }
}
const logins = new FakeLogins(role, home, Refused, TODAY);
const hex = () => (++counter).toString(16).padStart(20, '0');
const token = () => `t${++counter}`;
const number = (kind, n) => `恒${kind}〔2026〕D057-${String(n).padStart(4, '0')}号`;
const note = (id, user, fieldLabel, text) => {
  if (!history.has(id)) history.set(id, []);
  history.get(id).push({wallTimeMs: String(Date.now()), user, stationId: home.stationId, fieldLabel, text});
};
function light(record) {
  if (record.delivered) return 'LIGHT_DELIVERED';
  if (!linkUp) return 'LIGHT_SAVED';
  if (Date.now() - Math.max(plugged, record.written) > RECEIPT_MS) record.delivered = true;
  return record.delivered ? 'LIGHT_DELIVERED' : 'LIGHT_PENDING';
}
const all = () => [...sessions.values(), ...visits.values(), ...matters.values()];
const pending = () => all().filter((r) => light(r) !== 'LIGHT_DELIVERED').length;
const maskName = (s) => (s ? [...s][0] + '*'.repeat([...s].length - 1) : '');
const maskPhone = (s) => (s ? s.slice(0, 3) + '****' + s.slice(-4) : '');
const attached = new Map();
const stored = new Map();
const name = (id) => STATIONS.find((s) => s.stationId === id)?.name ?? id;
const need = (map, id, what) => map.get(id) ?? (() => { throw new Refused('not_found', `没有找到这条${what}`); })();

function once(request, make) {
  const {actionId, ...content} = request;
  if (!/^[0-9a-f]{20}$/.test(actionId ?? '')) throw new Refused('invalid_argument', '操作编号不对');
  const text = JSON.stringify(content);
  const known = actions.get(actionId);
  if (known && known.text !== text) throw new Refused('already_exists', '这个操作已经存过，内容不一样');
  if (known) return {...known.make(), repeatedAction: true};
  const show = make();
  actions.set(actionId, {text, make: show});
  return show();
}
const matterView = (m) => ({
  id: m.id, token: m.token, matter: m.matter, state: m.state, stationName: name(m.matter.stationId), voided: m.voided,
  categoryName: CATEGORIES.find((c) => c.code === m.matter.category)?.name ?? '', light: light(m), conflicts: 0, late: m.late ?? false,
});
const sessionView = (s) => {
  const mine = [...visits.values()].filter((v) => v.sessionId === s.id && !v.voided);
  return {
    id: s.id, token: s.token, session: s.session, state: s.state, visits: mine.length, light: light(s),
    headcount: mine.reduce((n, v) => n + v.entry.headcount, 0), matters: mine.reduce((n, v) => n + v.matters.length, 0),
  };
};
const visitView = (v, reveal) => {
  const session = sessions.get(v.sessionId).session;
  const parts = v.matters.map((id) => matters.get(id));
  const lights = [light(v), ...parts.map(light)];
  return {
    id: v.id, token: v.token, entry: v.entry, sessionId: v.sessionId, date: session.date, stationId: session.stationId,
    visitorName: reveal ? v.visitor?.name : maskName(v.visitor?.name), visitorPhone: reveal ? v.visitor?.phone : maskPhone(v.visitor?.phone),
    matters: parts.map(matterView), voided: v.voided, voidReason: v.voidReason, stationName: name(session.stationId),
    light: ['LIGHT_SAVED', 'LIGHT_PENDING'].find((x) => lights.includes(x)) ?? 'LIGHT_DELIVERED',
    deputyNames: session.deputies.map((d) => DEPUTIES.find((x) => x.deputyId === d.deputyId)?.name),
  };
};

// Of the size and the shape of the service's 接待选民登记表 (common/paper/forms.cc), not its contents.
function visitSheet(v, session) {
  const text = (s) => String(s ?? '').replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const row = (...cells) => `<tr>${cells.map((c, i) => (i % 2 ? `<td>${text(c)}</td>` : `<th>${text(c)}</th>`)).join('')}</tr>`;
  const list = v.matters.map((id) => matters.get(id).matter).map((m) => row('事项', m.title, '编号', m.number)).join('');
  return `<!doctype html><meta charset="utf-8"><style>@page{size:A4;margin:16mm 15mm}h1{font-size:20px;text-align:center}table{width:100%;border-collapse:collapse;table-layout:fixed}th,td{border:1px solid #000;padding:6px;font-size:14px}</style>
<body><h1>接待选民登记表</h1><p>${text(v.entry.number)}</p><table>${row('站点', name(session.stationId), '日期', session.date)}${row('反映人', v.visitor?.name ?? '匿名', '电话', v.visitor?.phone)}<tr><th>原话</th><td colspan="3">${text(v.entry.originalWords)}</td></tr>${list}</table></body>`;
}

const api = {
  GetStatus: () => ({
    role: role === 'hub' ? 'hub' : 'station', stationId: home.stationId, stationName: home.name, nodeId: 'N-7f3a', today: clock.given || clock.today || TODAY, clock,
    records: String(all().length), pendingOps: String(pending()), linkUp, lastReceiptMs: String(linkUp ? Date.now() - 65_000 : 0),
    hubAddress: 'hub.hengkou.local:8443', linkError: linkUp ? '' : '找不到镇里的主机，可能没有信号', conflicts: conflicts.length + clashes.length, refused: role === 'hub' ? held.length : 0,
    version: '0.3.0', tier: home.tier, mayEnterFor: role === 'station' ? [home.stationId] : STATIONS.map((s) => s.stationId),
  }),
  StoreFile: (q) => {
    const [hash, bytes] = [hex().padEnd(64, '0'), Buffer.from(q.content, 'base64')];
    stored.set(hash, bytes);
    return {hash, size: String(bytes.length), mime: 'image/jpeg'};
  },
  AttachFile: (q) => once(q, () => {
    const file = {id: `${q.id}/31.${hex()}`, hash: q.hash, size: String(stored.get(q.hash).length), mime: 'image/jpeg', name: q.name, state: 'FILE_SAVED'};
    attached.set(q.id, [...(attached.get(q.id) ?? []), file]);
    return () => ({file});
  }),
  ListFiles: (q) => ({files: attached.get(q.id) ?? []}),
  GetRoster: () => ({stations: STATIONS, deputies: DEPUTIES, departments: DEPARTMENTS, categories: CATEGORIES}),
  SetToday: (q) => {
    clock = {...clock, given: q.today};
    return {today: q.today, clock};
  },
  OpenSession: (q) => once(q, () => {
    const far = clock.trouble && !clock.given ? '晚于本机的今天，而本机时钟不可信' : q.session?.date < '2025-11-20' ? '距今天（2026-11-20）一年以上' : '';
    if (far && !q.dateMeant) throw new Refused('failed_precondition', `接待日期：${q.session.date}${far}。请核对；确实无误的，请确认后再保存（命令加 --yes）`, 'DateToConfirm');
    if (!q.session?.deputies?.length) throw new Refused('invalid_argument', '接待代表至少要有一名');
    const s = {id: `16.${hex()}.0`, token: token(), session: {...q.session, number: `J${q.session.date.replaceAll('-', '')}-D057-${sessions.size + 1}`}, state: 'SESSION_OPEN', written: Date.now()};
    sessions.set(s.id, s);
    note(s.id, q.user, '场次', '开始接待');
    return () => ({session: sessionView(s)});
  }),
  CloseSession: (q) => once(q, () => {
    const s = need(sessions, q.sessionId, '场次');
    Object.assign(s, {state: 'SESSION_CLOSED', token: token(), delivered: false, written: Date.now()});
    s.session.end = q.end;
    return () => ({session: sessionView(s)});
  }),
  ListSessions: (q) => ({sessions: [...sessions.values()].filter((s) => s.session.date >= (q.from ?? '') && s.session.date <= (q.to ?? '9')).map(sessionView).reverse()}),
  LogVisit: (q) => once(q, () => {
    const s = need(sessions, q.sessionId, '场次');
    if (!q.entry?.originalWords) throw new Refused('invalid_argument', '原话不能为空');
    if (q.matters?.some((m) => m.disposition === 'DISPOSITION_GUIDED' && !m.guideReason)) throw new Refused('invalid_argument', '引导原因：选了“引导”，请选原因');
    const v = {id: `${s.id}/${hex()}.1`, token: token(), sessionId: s.id, visitor: q.visitor, voided: false, written: Date.now(), entry: {...q.entry, number: number('人接', visits.size + 1)}};
    v.matters = (q.matters ?? []).map((m) => {
      const id = `24.${hex()}.2`;
      const state = STATE_OF[m.disposition] ?? 'REGISTERED';
      matters.set(id, {id, token: token(), state, voided: false, written: Date.now(), matter: {...m, stationId: s.session.stationId, date: s.session.date, number: number('民意', matters.size + 1)}});
      note(id, q.user, '事项', `登记：${m.title}`);
      return id;
    });
    visits.set(v.id, v);
    note(v.id, q.user, '登记', '新登记');
    return () => ({visit: visitView(v)});
  }),
  ListVisits: (q) => {
    const found = [...visits.values()].filter((v) => {
      const date = sessions.get(v.sessionId).session.date;
      return date >= q.from && date <= q.to && (q.includeVoided || !v.voided);
    }).reverse();
    return {visits: found.slice(q.offset ?? 0, (q.offset ?? 0) + (q.limit ?? 50)).map((v) => visitView(v)), total: found.length};
  },
  GetVisit: (q) => {
    const v = need(visits, q.id, '登记');
    return {visit: visitView(v, q.reveal), session: sessionView(sessions.get(v.sessionId))};
  },
  ChangeRecord: (q) => once(q, () => {
    const fields = JSON.parse(q.fields);
    if ('status' in fields && !conflicts.some((c) => c.recordId === q.id && c.field === 'status')) throw new Refused('failed_precondition', '状态：状态不能直接修改');
    conflicts = conflicts.filter((c) => c.recordId !== q.id || !(c.field in fields));
    const record = visits.get(q.id) ?? matters.get(q.id) ?? sessions.get(q.id);
    if (record) {
      const target = record.entry ?? record.matter ?? record.session;
      for (const [key, value] of Object.entries(fields)) {
        target[key.replace(/_([a-z])/g, (_, c) => c.toUpperCase())] = value;
        note(q.id, q.user, key, typeof value === 'string' ? value : JSON.stringify(value));
      }
      Object.assign(record, {token: token(), delivered: false, written: Date.now()});
    }
    const json = JSON.stringify(record?.entry ?? record?.matter ?? record?.session ?? {});
    return () => ({record: {id: q.id, token: record?.token ?? token(), json}});
  }),
  VoidRecord: (q) => once(q, () => {
    const record = visits.get(q.id) ?? need(matters, q.id, '记录');
    Object.assign(record, {voided: !q.takeBack, voidReason: q.takeBack ? '' : q.reason, token: token(), delivered: false, written: Date.now()});
    note(q.id, q.user, '作废', q.takeBack ? '收回作废' : q.reason);
    return () => ({record: {id: q.id, token: record.token}});
  }),
  GetHistory: (q) => ({events: history.get(q.id) ?? []}),
  ListConflicts: () => ({conflicts, clashes}),
  // One side of a conflict, or the record that keeps a number that several carry.
  Settle: (q) => once(q, () => {
    if (q.field === 'number' && q.side === '保留') {
      const clash = clashes.find((c) => c.ids.includes(q.id));
      if (!clash) throw new Refused('failed_precondition', '编号：没有重号，或已经处理');
      clashes = clashes.filter((c) => c !== clash);
      return () => ({record: {id: q.id, token: token()}});
    }
    const conflict = conflicts.find((c) => c.recordId === q.id && c.field === q.field);
    const side = conflict?.values.find((v) => v.side === q.side);
    if (!side) throw new Refused('failed_precondition', '选用：这一处分歧没有了，请刷新');
    const {record} = api.ChangeRecord({actionId: hex(), id: q.id, fields: side.value, user: q.user});
    return () => ({record});
  }),
  PrintForm: (q) => {
    const v = need(visits, q.id, '登记'), session = sessions.get(v.sessionId).session;
    return {mime: 'text/html; charset=utf-8', fileName: '接待选民登记表.html', content: Buffer.from(visitSheet(v, session)).toString('base64')};
  },
  Find: (q) => {
    const hits = [...visits.values()].flatMap((v) => v.matters.map((id) => ({v, m: matters.get(id)}))).filter(({v, m}) =>
      [v.entry.originalWords, v.entry.number, m.matter.number, m.matter.title, v.visitor?.name, v.visitor?.phone].some((x) => x?.includes(q.query)));
    return {hits: hits.slice(0, q.limit).map(({v, m}) => ({
      id: m.id, number: m.matter.number, title: m.matter.title, date: m.matter.date, stationName: name(m.matter.stationId),
      visitorName: maskName(v.visitor?.name), matched: '内容', state: m.state, visitId: v.id,
    }))};
  },
  ImportLedger: (q) => ({
    batchId: q.dryRun ? (q.fileName.includes('断') ? '40.batch0' : '') : `40.batch${++batch}`,  // 断: as if an import of it was broken off
    rows: 200, accepted: 194, known: 0, refused: 6, mendFileName: '退回的行.csv', mendFile: Buffer.from('序号,退回原因\n').toString('base64'),
    refusals: [
      {row: 14, column: '接待日期', reason: '“2026-02-30”没有这一天', serial: '12'}, {row: 47, column: '站点', reason: '“河东村”不在站点名册里', serial: '45'},
      {row: 63, column: '联系电话', reason: '电话要 7 到 12 位数字', serial: '61'}, {row: 98, column: '反映内容', reason: '没有填写', serial: '96'},
      {row: 120, column: '接待代表', reason: '“李强”有两名同名代表，请写明代表编号', serial: '118'}, {row: 171, column: '人数', reason: '“三人”不是数字', serial: '169'},
    ],
  }),
  UndoImport: (q) => once(q, () => () => ({voided: 192, kept: 2})),
  Export: (q) => ({fileName: `社情民意台账.${q.format}`, mime: q.format === 'csv' ? 'text/csv' : 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', content: Buffer.from('\ufeff编号,日期\r\n').toString('base64'), rows: matters.size}),
  ListRefused: () => ({ops: held, held: String(held.filter((op) => op.held).length), total: String(held.length), notes: ['站点 HK-D041 的设备 HK-D041-1：送来的选民信息钥匙有 2 把没有采用（空的、不是该站建立的、打不开镇里的信息，或与镇里的不同），最近一次 2026-11-19 09:12']}),
  AcceptRefused: (q) => {
    const before = held.length;
    held = held.filter((op) => (q.op ? op.op !== q.op : op.nodeId !== q.nodeId || op.held || !op.readable));
    return {accepted: String(before - held.length)};
  },
  DeclineHeld: (q) => {
    held = held.filter((op) => (q.op ? op.op !== q.op : op.nodeId !== q.nodeId || !op.held));
    return {};
  },
  ListStations: () => ({
    cutOff: '2026-11-20 15:20',
    stations: STATIONS.map((s, i) => ({
      stationId: s.stationId, name: s.name, tier: s.tier, areaId: s.tier === 'POINT' ? s.parentId : '', grade: s.grade, enrolled: i % 9 !== 5, connected: i % 4 === 0,
      lastSyncMs: String(Date.now() - (i * 7919 % 500) * 3_600_000), sessions: i % 7, visits: (i % 7) * 4, headcount: (i % 7) * 9, opinions: (i % 7) * 3,
      lastSessionDate: i % 7 ? '2026-11-15' : '', silentDays: String(i % 7 ? (i * 13) % 90 : -1),
    })),
  }),
  ListMatters: (q) => {
    const found = [...matters.values()].filter((m) => (!q.category || m.matter.category === q.category) && (!q.state || m.state === q.state)
      && (!q.stationId || m.matter.stationId === q.stationId) && (!q.query || m.matter.content.includes(q.query) || m.matter.number.includes(q.query)));
    return {matters: found.slice(q.offset ?? 0, (q.offset ?? 0) + (q.limit ?? 50)).map(matterView), total: found.length};
  },
  GetFigures: () => ({
    figures: [
      ['N3', '接待场次', 212, '场次'], ['N4.count', '参加代表', 388, '人次'], ['N4.names', '参加代表', 71, '名', '其中 9 名兼任区、镇两级代表'], ['N5.entries', '接待选民', 640, '批'],
      ['N5.headcount', '接待选民', 1187, '人次'], ['N5.people', '接待选民', 602, '人', '按电话或姓名加村组去重', true], ['N6', '收集意见建议', 511, '条', '另有咨询 66 条、表扬 12 条'],
      ['N7', '当场答复', 188, '条', '其中当场解决 142 条'], ['N9', '交办', 96, '件'], ['N10', '已解决', 201, '条'], ['N8', '引导', 23, '条', '其中检举控告 4 条，不计入意见'],
    ].map(([code, label, value, unit, text, approximate]) => ({code, label, value: String(value), unit, note: text ?? '', approximate: !!approximate})),
    categories: CATEGORIES.map((c, i) => ({code: c.code, name: c.name, count: String(110 - i * 8), sharePermille: Math.round((110 - i * 8) / 0.812)})),
    identityDifference: '0', cutOff: '2026-11-20 15:20', stationsSynced: 101, stationsTotal: 109,
  }),
  GetReport: () => ({
    sentence: '2026年上半年共开展代表接待日212场次，71名市、区、镇三级代表388人次参加，接待选民640批1187人次，收集意见建议511条，其中当场答复188条，交办96件，已解决201条，其余287条正在办理之中。意见建议主要涉及农业农村与水利、交通道路、人居环境与生态、公用事业、教育。',
    footnotes: ['其中9名代表兼任区、镇两级代表，各级分别计算，合计只算一次。', '接待选民人数按登记计算，未登记的另有35人。'], figures: api.GetFigures(),
  }),
};

function seed() {
  const user = '王秀芳';
  const {session} = api.OpenSession({actionId: hex(), user, session: {stationId: 'HK-D057', date: '2026-11-13', start: '09:00', form: 'FORM_RECEPTION_DAY', recorder: user, deputies: [{deputyId: 'HK-R001'}, {deputyId: 'HK-R002'}]}});
  const log = (words, people, visitor, ...list) => api.LogVisit({
    actionId: hex(), sessionId: session.id, user, visitor, entry: {headcount: people, anonymous: !visitor, originalWords: words, time: '09:20', villageGroup: visitor ? '三组' : ''},
    matters: list.map(([title, category, nature, disposition, extra]) => ({title, content: words, category, nature, disposition, ...extra})),
  });
  const a = log('三组水渠垮了二十来米，浇不上地，眼看要种麦子了', 1, {name: '王建国', phone: '13812345678'}, ['三组水渠垮了二十来米', '01', 'NATURE_OPINION', 'DISPOSITION_SUBMIT']);
  log('学校门口没有减速带，娃娃上学不放心', 4, {name: '李翠兰', phone: '13987651234'}, ['学校门口没有减速带', '02', 'NATURE_SUGGESTION', 'DISPOSITION_VILLAGE']);
  log('卫生室晚上没人。还想问医保在哪里缴', 1, undefined, ['卫生室晚上没人', '06', 'NATURE_OPINION', 'DISPOSITION_SUBMIT'],
    ['医保在哪里缴', '07', 'NATURE_INQUIRY', 'DISPOSITION_ANSWERED', {answer: '到便民服务中心或手机上缴，12月25日前。', answeredBy: 'HK-R002', answerSolved: true}]);
  api.CloseSession({actionId: hex(), sessionId: session.id, token: '', end: '11:30', user});
  for (const r of all()) r.delivered = true;
  clashes = [{
    number: '恒民意〔2026〕D057-0031号', ids: ['24.0a', '24.0b'],
    texts: ['2026-11-12 和平村人大代表联络点 村口路灯三盏不亮，老人晚上出门看不见', '2026-11-13 和平村人大代表联络点 低保年审要跑两趟镇上'],
  }];
  const when = (h) => String(Date.UTC(2026, 10, 14, h, 12));
  conflicts = [{
    recordId: a.visit.matters[0].id, token: 't0', number: a.visit.matters[0].matter.number, recordLabel: '意见建议', field: 'title', fieldLabel: '标题', stationId: 'HK-D057',
    ancestor: {text: '三组水渠垮了二十来米', value: '{"title":"三组水渠垮了二十来米"}', user, stationId: 'HK-D057', stationName: name('HK-D057'), wallTimeMs: when(1)},
    values: [
      {side: 'a', text: '三组水渠垮塌约20米，影响冬灌', value: '{"title":"三组水渠垮塌约20米，影响冬灌"}', user, stationId: 'HK-D057', stationName: name('HK-D057'), wallTimeMs: when(2), displayed: true},
      {side: 'b', text: '和平村三组灌溉水渠修复', value: '{"title":"和平村三组灌溉水渠修复"}', user: '陈干事', stationId: 'HK-Z001', stationName: name('HK-Z001'), wallTimeMs: when(3), clockSuspect: true},
    ],
  }];
}

function seedHeld() {
  const op = (n, station, label, user, words, reason, more) => ({
    op: `${station}/00000000000000${n}a#1${n}~00000000000000ff`, stationId: station, stationName: name(station), nodeId: `${station}-1`, user,
    wallTimeMs: String(Date.UTC(2026, 10, 18, n, 20)), recordLabel: label, recordId: `24.${n}`, reason, readable: true, words, ...more,
  });
  held = [
    op(1, 'HK-D057', '意见建议', '王秀芳', '标题：三组水渠垮塌，要赶在冬灌前修好', '镇里已经受理，写的时候还不知道', {kind: 'REFUSED_HELD', held: true, countsNow: '标题：和平村三组灌溉水渠修复'}),
    op(2, 'HK-D057', '意见建议', '王秀芳', '答复内容：村里出工修好了，水已经放过一遍', '镇里已经受理，写的时候还不知道', {kind: 'REFUSED_HELD', held: true}),
    op(3, 'HK-D041', '意见建议', '邓志明', '标题：五组路灯不亮', '设备 HK-D041-1 已被吊销，它的记录要由镇里采用才算数', {}),
    op(4, 'HK-D041', '反映人', '', '', '设备 HK-D041-1 已被吊销，它的记录要由镇里采用才算数', {readable: false, words: '修路 两委'}),
  ];
}

async function serve(request, response) {
  const path = new URL(request.url, 'http://localhost').pathname;
  if (request.method === 'POST') {
    let body = '';
    for await (const part of request) body += part;
    const asked = body ? JSON.parse(body) : {};
    if (path === '/fake/link') [linkUp, plugged] = [asked.up, Date.now()];
    if (path === '/fake/login') logins.set(asked);
    if (path === '/fake/lose') lose = asked.method;
    if (path === '/fake/clock') clock = asked;
    if (path.startsWith('/fake/')) return response.end('{}');
    const called = path.split('/').pop(), token = request.headers['liaison-token'] ?? '';
    const method = api[called] ?? logins.methods(token)[called];
    let [code, answer] = [200, null];
    try {
      logins.gate(called, token);
      if (!method) throw new Refused('unimplemented', '没有这个功能');
      answer = method(asked);
    } catch (error) {
      [code, answer] = [error.code === 'unauthenticated' ? 401 : 400, {code: error.code ?? 'internal', message: error.message, details: error.details ?? []}];
    }
    if (lose !== '' && path.endsWith(`/${lose}`)) return request.socket.destroy();
    response.writeHead(code, {'content-type': 'application/json'});
    return response.end(JSON.stringify(answer));
  }
  const photo = stored.get(path.split('/files/')[1]);
  if (photo) return response.writeHead(200, {'content-type': 'image/jpeg'}).end(photo);
  const file = normalize(path === '/' ? '/index.html' : path);
  try {
    const content = await readFile(join(dist, file));
    response.writeHead(200, {'content-type': TYPES[extname(file)] ?? 'application/octet-stream', 'content-security-policy': POLICY});
    response.end(content);
  } catch {
    response.writeHead(404).end();
  }
}

seed();
seedHeld();
const server = createServer((request, response) => void serve(request, response));
server.listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));

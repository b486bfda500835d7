// The stand-in's people: who may log in, accounts with their rights, slips. At the hub everybody must log in (何国强 is
// admin, 林晓梅 clerk, password "hengkou-2026"); at a station nobody, until POST /fake/login {"required": true}; then
// 王秀芳 is officer (PIN 246813), and the deputies have a slip with the code 7K2M-C9QX-41TB. {"setUp": true}: a hub without
// an admin, setup code as the slip's. {"restart": true}: the daemon has forgotten all sessions.
import {DEPUTIES, STATIONS} from './roster.mjs';

const CODE = '7K2M-C9QX-41TB';
const OPEN = new Set(['GetLogin', 'Login', 'Redeem', 'FirstRun', 'Lock', 'Unlock', 'Logout']);
const FREE_GUESSES = 5;

export class FakeLogins {
  constructor(role, home, Refused, today) {
    Object.assign(this, {atHub: role === 'hub', home, Refused, today, count: 0, guesses: 0});
    this.sessions = new Map();  // by token: {account, locked}
    this.actions = new Map();
    this.people = new Map();
    this.rights = [];
    this.asked = new Set(STATIONS.slice(0, 5).map((s) => s.stationId));
    this.required = this.atHub;
    const person = (accountId, name, secret, deputyId = '') => this.people.set(accountId, {accountId, name, deputyId, secret, ended: false, codeDate: secret ? '' : '2026-11-18'});
    const grant = (accountId, place, role, more = {}) => this.rights.push({grantId: `9.${this.rights.length}`, accountId, place, role, ...more});
    person('U4D7KQ', '何国强', 'hengkou-2026'), grant('U4D7KQ', 'HUB', 'ADMIN');
    person('U2XM9A', '林晓梅', 'hengkou-2026'), grant('U2XM9A', 'HUB', 'CLERK');
    person('U8R0ZP', '周建平', ''), grant('U8R0ZP', 'HUB', 'CHAIR');
    person('U6SDJN', '赵明', 'hengkou-2026'), grant('U6SDJN', 'HUB', 'HANDLER', {unitId: 'HK-B01', unitName: '镇水利站'});
    person('U9KQ2F', '王秀芳', '246813'), grant('U9KQ2F', 'HK-D057', 'OFFICER');
    person('U1B5ZT', '陈小红', ''), grant('U1B5ZT', 'HK-D057', 'OFFICER', {revoked: true, how: 'REVOKED_LEFT', revokedDate: '2026-10-30'}), grant('U1B5ZT', 'HK-P008', 'AREA');
    DEPUTIES.slice(0, 6).forEach((d, i) => {
      const id = `U3${'KMPQRS'[i]}4D${i}`;
      person(id, d.name, i === 1 ? '975310' : '', d.deputyId);
      grant(id, i < 4 ? 'HK-D057' : d.homeStationId, 'DEPUTY');
    });
    person('U7HT3W', '孙国庆', ''), Object.assign(this.people.get('U7HT3W'), {ended: true});
    if (role === 'center') grant('U2XM9A', home.stationId, 'OFFICER');
  }

  get place() { return this.atHub ? 'HUB' : this.home.stationId; }
  placeName(place) { return place === 'HUB' ? '镇人大' : (STATIONS.find((s) => s.stationId === place)?.name ?? place); }
  rolesAt(accountId, place) {
    return this.rights.filter((r) => r.accountId === accountId && r.place === place && !r.revoked && !this.people.get(accountId)?.ended).map((r) => r.role);
  }
  me(accountId) {
    const {name, deputyId} = this.people.get(accountId);
    return {accountId, name, deputyId, roles: this.rolesAt(accountId, this.place), place: this.place, placeName: this.placeName(this.place)};
  }
  // Of this place: by the account, or at the hub by the name.
  find(text) {
    const found = [...this.people.values()].find((p) => (p.accountId === text || (this.atHub && p.name === text)) && this.rolesAt(p.accountId, this.place).length);
    if (!found) throw new this.Refused('unauthenticated', '账号或密码不对');
    return found;
  }
  guess(right) {
    if (this.guesses >= FREE_GUESSES) throw new this.Refused('failed_precondition', '错了太多次，请 1 分钟后再试');
    if (right) return void (this.guesses = 0);
    this.guesses++;
    throw new this.Refused('unauthenticated', this.atHub ? '账号或密码不对' : '数字不对，请再输一遍');
  }
  enter(accountId) {
    const token = `token-${++this.count}`;
    this.sessions.set(token, {accountId, locked: false});
    return {token, me: this.me(accountId)};
  }
  slip(accountId, place) {
    const person = this.people.get(accountId);
    person.codeDate = this.today;
    return {accountId, name: person.name, place, placeName: this.placeName(place), roles: this.rolesAt(accountId, place), code: CODE, date: this.today};
  }
  once(request, make) {
    if (!this.actions.has(request.actionId)) this.actions.set(request.actionId, make());
    return this.actions.get(request.actionId);
  }

  // Whether the method may be called with this token.
  gate(method, token) {
    if (!this.required || OPEN.has(method)) return;
    const session = this.sessions.get(token);
    if (!session) throw new this.Refused('unauthenticated', '请先登录');
    if (session.locked) throw new this.Refused('failed_precondition', '已锁定，请先打开');
  }
  set(asked) {
    if (asked.required !== undefined) this.required = asked.required;
    if (asked.restart) this.sessions.clear();
    if (asked.setUp) this.rights.filter((r) => r.role === 'ADMIN').forEach((r) => (r.revoked = true));
    if (asked.nobody) this.rights = [];
  }

  // `token`: of who asks.
  methods(token) {
    const session = this.sessions.get(token);
    const here = [...this.people.values()].filter((p) => this.rolesAt(p.accountId, this.place).length);
    const admins = this.rights.some((r) => r.role === 'ADMIN' && !r.revoked);
    return {
      GetLogin: () => ({
        required: this.required, place: this.place, placeName: this.placeName(this.place),
        setUp: this.atHub ? (admins ? 'SET_UP_DONE' : 'SET_UP_ADMIN') : here.length ? 'SET_UP_DONE' : 'SET_UP_PEOPLE',
        people: this.atHub ? [] : here.map(({accountId, name, secret}) => ({accountId, name, roles: this.rolesAt(accountId, this.place), hasSecret: secret !== ''})),
        ...(session ? {me: this.me(session.accountId), locked: session.locked} : {}), secretCharacters: this.atHub ? 10 : 6, digitsOnly: !this.atHub,
      }),
      Login: (q) => {
        const person = this.find(q.accountId);
        this.guess(person.secret !== '' && person.secret === q.secret);
        return this.enter(person.accountId);
      },
      Redeem: (q) => {
        const person = this.find(q.accountId);
        this.guess(q.code === CODE);
        person.secret = q.secret;
        return this.enter(person.accountId);
      },
      FirstRun: (q) => {
        if (q.setupCode !== CODE) throw new this.Refused('unauthenticated', '设置码不对');
        this.people.set('U0F1RS', {accountId: 'U0F1RS', name: q.name, deputyId: '', secret: q.secret, ended: false, codeDate: ''});
        this.rights.push({grantId: '9.first', accountId: 'U0F1RS', place: 'HUB', role: 'ADMIN'});
        return this.enter('U0F1RS');
      },
      Lock: () => (session && (session.locked = true), {}),
      Unlock: (q) => {
        if (!session) throw new this.Refused('unauthenticated', '登录已经结束，请重新登录');
        this.guess(this.people.get(session.accountId).secret === q.secret);
        session.locked = false;
        return {me: this.me(session.accountId)};
      },
      Logout: () => (this.sessions.delete(token), {}),
      ChangeSecret: (q) => {
        const person = this.people.get(session.accountId);
        this.guess(person.secret === q.oldSecret);
        person.secret = q.secret;
        return {};
      },
      ResetPin: (q) => {
        this.people.get(q.accountId).secret = '';
        return {slip: this.slip(q.accountId, this.place)};
      },
      ListAccounts: () => ({
        accounts: [...this.people.values()].sort((a, b) => a.name.localeCompare(b.name, 'zh')).map(({accountId, name, deputyId, ended, codeDate}) => ({
          accountId, name, deputyId, ended, codeDate,
          rights: this.rights.filter((r) => r.accountId === accountId).sort((a, b) => Number(!!a.revoked) - Number(!!b.revoked)).map((r) => ({...r, accountId: undefined, placeName: this.placeName(r.place)})),
        })),
        places: ['HUB', ...STATIONS.map((s) => s.stationId)].map((place) => ({
          place, placeName: this.placeName(place), loginRequired: place === 'HUB' || this.asked.has(place),
          people: new Set(this.rights.filter((r) => r.place === place && !r.revoked).map((r) => r.accountId)).size,
        })),
      }),
      AddAccount: (q) => this.once(q, () => {
        if (q.deputyId && [...this.people.values()].some((p) => p.deputyId === q.deputyId)) throw new this.Refused('failed_precondition', `代表编号：这位代表已有账号（${q.name}），请给这个账号授权`);
        const accountId = `U5N${String(++this.count).padStart(3, '0')}`;
        this.people.set(accountId, {accountId, name: q.name, deputyId: q.deputyId ?? '', secret: '', ended: false, codeDate: ''});
        this.rights.push({grantId: `9.n${this.count}`, accountId, place: q.place, role: q.role, unitId: q.unitId});
        return {accountId, grantId: `9.n${this.count}`, slip: this.slip(accountId, q.place)};
      }),
      GrantRight: (q) => this.once(q, () => {
        this.rights.push({grantId: `9.n${++this.count}`, accountId: q.accountId, place: q.place, role: q.role, unitId: q.unitId});
        return {grantId: `9.n${this.count}`};
      }),
      RevokeRight: (q) => this.once(q, () => {
        const right = this.rights.find((r) => r.grantId === q.grantId);
        if (right.role === 'ADMIN') throw new this.Refused('failed_precondition', '授权：这是最后一个系统管理员，不能收回；请先给别的账号授权');
        Object.assign(right, {revoked: true, how: q.how, revokedDate: this.today});
        return {};
      }),
      EndAccount: (q) => this.once(q, () => (this.people.get(q.accountId).ended = true, {})),
      MakeCode: (q) => this.once(q, () => ({slip: this.slip(q.accountId, q.place)})),
      MakeCodes: (q) => this.once(q, () => ({
        slips: this.rights.filter((r) => !r.revoked && (!q.place || r.place === q.place) && r.place !== 'HUB').map((r) => this.slip(r.accountId, r.place)),
      })),
      RequireLogin: (q) => this.once(q, () => (this.asked.add(q.place), {})),
    };
  }
}

import {create} from '@bufbuild/protobuf';
import {Code, ConnectError} from '@connectrpc/connect';
import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest';
import {GetLoginResponseSchema, LoginResponseSchema, LoginService, LockResponseSchema, LogoutResponseSchema, MeSchema, SetUpState, UnlockResponseSchema, type GetLoginResponse} from '@gen/login_pb';
import {Access_Role} from '@gen/options_pb';
import {StationService} from '@gen/station_service_pb';
import {mayCall, roleText} from '@liaison/access';
import {pass, withPass} from '@liaison/api';
import {isWhole, newSecretProblem, secretText, secretTyped, slipCode} from '@liaison/login-form';
import {useAuthor, useOperator} from '@liaison/operator';
import {IDLE_MS, SessionKeeper, TOKEN_KEY, seesAll, useSession, type Channel, type Deps} from '@liaison/session';

const me = (accountId: string, ...roles: Access_Role[]) => create(MeSchema, {accountId, name: accountId === 'UA' ? '周敏' : '廖鹏', roles});
const silent = (): never => {
  throw ConnectError.from(new TypeError('Failed to fetch'));
};

// A daemon of one session, and a browser of several tabs before it.
class Daemon {
  required = true;
  down = false;
  who: {token: string; account: string; locked: boolean} | null = null;
  given = 0;
  tabs: {storage: Map<string, string>; pass: {token: string}}[] = [];
  channels: (Channel & {close(): void})[] = [];

  answer(token: string): GetLoginResponse {
    if (this.down) silent();
    const mine = this.who?.token === token ? this.who : null;
    return create(GetLoginResponseSchema, {
      required: this.required, place: 'HK-D057', secretCharacters: 6, digitsOnly: true, ...(mine ? {me: me(mine.account), locked: mine.locked} : {}),
    });
  }
  enter(account: string) {
    if (this.down) silent();
    this.who = {token: `t${++this.given}`, account, locked: false};
    return create(LoginResponseSchema, {token: this.who.token, me: me(account)});
  }
  channel(): Channel {
    const mine: Channel & {close(): void} = {
      onmessage: null,
      postMessage: (word) => this.channels.forEach((c) => c !== mine && c.onmessage?.({data: word})),
      close: () => (this.channels = this.channels.filter((c) => c !== mine)),
    };
    this.channels.push(mine);
    return mine;
  }
  tab(now: () => number = () => 0, storage = new Map<string, string>()): {session: SessionKeeper; storage: Map<string, string>; pass: {token: string}} {
    const carried = {token: ''};
    const logins = {
      getLogin: async () => this.answer(carried.token),
      login: async ({accountId, secret}: {accountId: string; secret: string}) => {
        if (secret !== '246813') throw new ConnectError('数字不对，请再输一遍', Code.Unauthenticated);
        return this.enter(accountId);
      },
      redeem: async ({accountId}: {accountId: string}) => this.enter(accountId),
      firstRun: async () => this.enter('UA'),
      lock: async () => (this.down ? silent() : (this.who!.locked = true), create(LockResponseSchema)),
      unlock: async ({secret}: {secret: string}) => {
        if (secret !== '246813') throw new ConnectError('数字不对，请再输一遍', Code.Unauthenticated);
        this.who!.locked = false;
        return create(UnlockResponseSchema, {me: me(this.who!.account)});
      },
      logout: async () => (this.down ? silent() : (this.who = null), create(LogoutResponseSchema)),
    } as unknown as Deps['logins'];
    const kept = {getItem: (key: string) => storage.get(key) ?? null, setItem: (key: string, value: string) => void storage.set(key, value), removeItem: (key: string) => void storage.delete(key)};
    return {session: new SessionKeeper({logins, pass: carried, storage: kept, now}), storage, pass: carried};
  }
}

describe('a session', () => {
  test('WhereNobodyMustLogInAllIsOpenAndNobodys', async () => {
    const daemon = new Daemon();
    daemon.required = false;
    const {session} = daemon.tab();
    expect([session.open, session.shown]).toEqual([false, false]);
    await session.start(null);
    expect([session.open, session.shown, session.state.owner, session.state.me]).toEqual([true, true, '', null]);
  });
  test('AReloadStaysLoggedIn', async () => {
    const daemon = new Daemon();
    const first = daemon.tab();
    await first.session.start(null);
    expect([first.session.open, first.session.shown]).toEqual([false, false]);
    await first.session.login('UA', '246813');
    expect([first.session.open, first.storage.get(TOKEN_KEY)]).toEqual([true, 't1']);
    const again = daemon.tab(() => 0, first.storage);
    await again.session.start(null);
    expect([again.session.open, again.session.state.owner, again.pass.token]).toEqual([true, 'UA', 't1']);
  });
  test('AWrongSecretChangesNothingAndSaysWhatTheDaemonSays', async () => {
    const {session, storage} = new Daemon().tab();
    await session.start(null);
    await expect(session.login('UA', '111111')).rejects.toThrow('数字不对');
    expect([session.open, session.state.me, storage.size]).toEqual([false, null, 0]);
  });
  test('ALockVeilsAtOnceAndTheSecretOfTheSamePersonOpensItAgain', async () => {
    const daemon = new Daemon();
    const {session} = daemon.tab();
    await session.start(null);
    await session.login('UA', '246813');
    const locking = session.lock();
    expect([session.open, session.shown, session.state.owner]).toEqual([false, true, 'UA']);
    await locking;
    await session.check();
    expect([session.state.locked, daemon.who?.locked]).toEqual([true, true]);
    await expect(session.unlock('111111')).rejects.toThrow('数字不对');
    expect(session.open).toBe(false);
    await session.unlockOrLogin('UA', '246813');
    expect([session.open, daemon.given]).toEqual([true, 1]);
  });
  test('ALockHoldsOnThePageThoughTheDaemonIsSilent', async () => {
    const daemon = new Daemon();
    const {session} = daemon.tab();
    await session.start(null);
    await session.login('UA', '246813');
    daemon.down = true;
    await session.lock();
    expect([session.open, session.state.problem]).toEqual([false, '连不上本机程序，请检查盒子是否通电']);
  });
  test('FiveMinutesWithoutAPersonLockIt', async () => {
    let now = 0;
    const {session} = new Daemon().tab(() => now);
    await session.start(null);
    await session.login('UA', '246813');
    now = IDLE_MS - 1;
    session.lockIfIdle();
    expect(session.open).toBe(true);
    session.touch();
    now += IDLE_MS - 1;
    session.lockIfIdle();
    expect(session.open).toBe(true);
    expect(session.idle).toBe(true);
    now += 1;
    session.lockIfIdle();
    expect(session.open).toBe(false);
  });
  test('AnotherPersonGetsViewsOfHisOwn', async () => {
    const {session} = new Daemon().tab();
    await session.start(null);
    await session.login('UA', '246813');
    await session.lock(true);
    expect(session.state.choosing).toBe(true);
    await session.unlockOrLogin('UB', '246813');
    expect([session.open, session.state.owner, session.state.choosing]).toEqual([true, 'UB', false]);
  });
  test('WhatTheDaemonEndedKeepsItsViewsVeiledForTheSamePerson', async () => {
    const daemon = new Daemon();
    const {session, pass: carried, storage} = daemon.tab();
    await session.start(null);
    await session.login('UA', '246813');
    daemon.who = null;  // it was restarted
    session.refused('t0');  // of a token of before: nothing to ask
    expect(session.open).toBe(true);
    session.refused('t1');
    await session.check();
    expect([session.open, session.shown, session.state.owner, session.state.me, carried.token, storage.size]).toEqual([false, true, 'UA', null, '', 0]);
    await session.login('UA', '246813');
    expect([session.open, session.state.owner]).toEqual([true, 'UA']);
  });
  test('AnAnswerOfBeforeALoginSaysNothingAnyMore', async () => {
    const daemon = new Daemon();
    const {session} = daemon.tab();
    await session.start(null);
    const asked = session.check();  // answered for nobody
    await session.login('UA', '246813');
    await asked;
    expect([session.open, session.state.me?.accountId]).toEqual([true, 'UA']);
  });
  test('LeavingForgetsTheTokenThoughTheDaemonIsSilent', async () => {
    const daemon = new Daemon();
    const {session, storage, pass: carried} = daemon.tab();
    await session.start(null);
    await session.login('UA', '246813');
    daemon.down = true;
    await session.logout();
    expect([session.open, session.shown, carried.token, storage.size]).toEqual([false, false, '', 0]);
  });
});

describe('a session of several tabs', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const logged = async (daemon: Daemon, now?: () => number) => {
    const tab = daemon.tab(now);
    const starting = tab.session.start(daemon.channel());
    await vi.advanceTimersByTimeAsync(1_000);
    await starting;
    await tab.session.login('UA', '246813');
    return tab;
  };

  test('ANewTabIsOfWhoeverIsIn', async () => {
    const daemon = new Daemon();
    await logged(daemon);
    const second = daemon.tab();
    await second.session.start(daemon.channel());
    expect([second.session.open, second.session.state.owner, second.storage.get(TOKEN_KEY)]).toEqual([true, 'UA', 't1']);
  });
  test('WhoeverTypesInOneKeepsAllOpen', async () => {
    let now = 0;
    const daemon = new Daemon();
    const first = await logged(daemon, () => now);
    const second = daemon.tab(() => now);
    await second.session.start(daemon.channel());
    now = IDLE_MS - 1;
    second.session.touch();
    now = IDLE_MS + 1;
    first.session.lockIfIdle();
    expect(first.session.open).toBe(true);
  });
  test('ALockAndALeavingAreOfAllButOfNoOtherSession', async () => {
    const daemon = new Daemon();
    const first = await logged(daemon);
    const second = daemon.tab();
    await second.session.start(daemon.channel());
    await second.session.lock();
    expect(first.session.open).toBe(false);
    await first.session.unlock('246813');
    await vi.advanceTimersByTimeAsync(10);
    expect(second.session.open).toBe(true);
    await second.session.logout();
    expect([first.session.open, first.session.shown, first.storage.size]).toEqual([false, false, 0]);
    await first.session.login('UB', '246813');
    daemon.channels.at(-1)!.postMessage({kind: 'left', token: 't1'});
    expect(first.session.open).toBe(true);
  });
});

describe('what goes with a call', () => {
  const request = (service: {typeName: string}) => ({service, header: new Headers()}) as never;
  afterEach(() => Object.assign(pass, {token: '', refused: () => undefined, isIdle: () => false}));

  test('TheTokenAndWhetherThePageAsksByItself', async () => {
    const seen: [string | null, string | null][] = [];
    const next = async (r: {header: Headers}) => (seen.push([r.header.get('Liaison-Token'), r.header.get('Liaison-Background')]), {} as never);
    await withPass(next as never)(request(StationService));
    Object.assign(pass, {token: 't1', isIdle: () => true});
    await withPass(next as never)(request(StationService));
    expect(seen).toEqual([[null, null], ['t1', '1']]);
  });
  test('ARefusalIsToldWithItsTokenButNotThatOfALogin', async () => {
    const told: string[] = [];
    Object.assign(pass, {token: 't1', refused: (token: string) => void told.push(token)});
    const failing = (code: Code) => (async () => { throw new ConnectError('请先登录', code); }) as never;
    for (const code of [Code.Unauthenticated, Code.FailedPrecondition, Code.InvalidArgument, Code.Unavailable])
      await expect(withPass(failing(code))(request(StationService))).rejects.toThrow('请先登录');
    await expect(withPass(failing(Code.Unauthenticated))(request(LoginService))).rejects.toThrow('请先登录');
    expect(told).toEqual(['t1', 't1']);
  });
});

describe('who signs and what is offered', () => {
  const {state} = useSession();
  afterEach(() => Object.assign(state, {me: null}));

  test('ATypedNameWhereNobodyLogsInElseTheAccount', () => {
    const [name, author] = [useOperator(), useAuthor()];
    name.value = '王秀芳';
    expect([name.value, author.value]).toEqual(['王秀芳', '王秀芳']);
    state.me = me('UA', Access_Role.OFFICER);
    expect([name.value, author.value]).toEqual(['周敏', 'UA']);
    name.value = '别人';
    expect(name.value).toBe('周敏');
    state.me = null;
    expect(name.value).toBe('王秀芳');
  });
  test('WhatTheSchemaLetsTheRoleCall', () => {
    const {openSession, logVisit} = StationService.method;
    expect(mayCall(openSession)).toBe(true);
    state.me = me('UA', Access_Role.DEPUTY);
    expect([mayCall(openSession), mayCall(logVisit), mayCall(LoginService.method.resetPin), seesAll(state.me)]).toEqual([false, true, false, false]);
    state.me = me('UA', Access_Role.OFFICER);
    expect([mayCall(openSession), mayCall(LoginService.method.resetPin), seesAll(state.me), seesAll(null)]).toEqual([true, true, true, false]);
    expect(roleText([Access_Role.OFFICER, Access_Role.DEPUTY])).toBe('联络员、代表');
  });
  test('NobodysSetUpIsDone', () => expect(state.setUp).toBe(SetUpState.SET_UP_DONE));
});

describe('secrets as they are typed', () => {
  const pin = {secretCharacters: 6, digitsOnly: true}, password = {secretCharacters: 10, digitsOnly: false};
  test('APinIsSixDigitsHoweverTheyAreTyped', () => {
    expect([secretText(pin), secretText(password)]).toEqual(['六位数字', '密码']);
    expect(secretTyped('\uff11\uff12 3456', pin)).toBe('123456');
    expect(secretTyped(' a b ', password)).toBe(' a b ');
    expect([isWhole('12345', pin), isWhole('123456', pin), isWhole('1234567', pin), isWhole('1234567890', password)]).toEqual([false, true, false, false]);
  });
  test('WhatCannotBeOneIsSaidBeforeItIsSent', () => {
    expect(newSecretProblem('', '', pin)).toBe('请设六位数字');
    expect(newSecretProblem('1357', '1357', pin)).toBe('还差 2 位，要六位数字');
    expect(newSecretProblem('13579246', '13579246', pin)).toBe('多了 2 位，要六位数字');
    expect(newSecretProblem('13579a', '13579a', pin)).toBe('只能用数字');
    expect(newSecretProblem('135792', '135793', pin)).toBe('两次输的不一样，请再输一遍');
    expect(newSecretProblem('135792', '\uff11\uff13\uff15\uff17\uff19\uff12', pin)).toBe('');
    expect(newSecretProblem('恒口水渠', '恒口水渠', password)).toBe('密码至少 10 个字，还差 6 个');
    expect(newSecretProblem('hengkou-2026', 'hengkou-2026', password)).toBe('');
  });
  test('TheCodeOfASlipIsReadAsItIsWritten', () => {
    for (const text of ['7k2mc9qx41tb', '7K2M C9QX 41TB', ' 7K2M-C9QX-41TB ', '7Ｋ2M－C9QX—41tb']) expect(slipCode(text)).toBe('7K2M-C9QX-41TB');
    expect(slipCode('7K2M')).toBe('7K2M');
  });
});

// The panels of logging in and the page of accounts, as they are drawn.
import {create, type MessageInitShape} from '@bufbuild/protobuf';
import {ID_INJECTION_KEY} from 'element-plus/es/hooks/use-id/index';
import {createSSRApp, h, type Component} from 'vue';
import {renderToString} from 'vue/server-renderer';
import {afterEach, describe, expect, test} from 'vitest';
import {AccountRowSchema, PlaceRowSchema} from '@gen/accounts_pb';
import {RefusedOpSchema} from '@gen/devices_pb';
import {LoginSchema, MeSchema, OneTimeSlipSchema, SetUpState} from '@gen/login_pb';
import {Access_Role} from '@gen/options_pb';
import {RevokedHow} from '@gen/people_pb';
import {StationSchema, Tier} from '@gen/records_pb';
import FirstRun from '@liaison/components/FirstRun.vue';
import LoginPanel from '@liaison/components/LoginPanel.vue';
import MeMenu from '@liaison/components/MeMenu.vue';
import SignIn from '@liaison/components/SignIn.vue';
import SlipSheet from '@liaison/components/SlipSheet.vue';
import UnlockPanel from '@liaison/components/UnlockPanel.vue';
import {HUB, useSession} from '@liaison/session';
import AccountCard from '../../../hub/web/src/parts/AccountCard.vue';
import PlaceList from '../../../hub/web/src/parts/PlaceList.vue';
import RightForm from '../../../hub/web/src/parts/RightForm.vue';
import {REVOKING, accountsShown, placeGroups, placesOf, revokedText, rightText, rolesAt} from '../../../hub/web/src/accounts';
import {byBox, isOfRevokedDevice, lookOf} from '../../../hub/web/src/held';

async function drawn(part: Component, props: object = {}): Promise<string> {
  const app = createSSRApp({render: () => h(part, props as Record<string, unknown>)});
  app.provide(ID_INJECTION_KEY, {prefix: 1, current: 0});
  return renderToString(app);
}
const {state} = useSession();
const before = {...state};
const officer = create(LoginSchema, {accountId: 'UA', name: '周敏', roles: [Access_Role.OFFICER], hasSecret: true});
const deputy = create(LoginSchema, {accountId: 'UB', name: '廖鹏', roles: [Access_Role.DEPUTY]});
const atStation = {known: true, required: true, place: 'HK-D057', placeName: '民兴村', secretCharacters: 6, digitsOnly: true};
const atHub = {known: true, required: true, place: HUB, placeName: '镇中心', people: [], secretCharacters: 10, digitsOnly: false};
afterEach(() => Object.assign(state, before));

describe('logging in at a station', () => {
  test('ListsThePeopleWithTheirRoles', async () => {
    Object.assign(state, atStation, {people: [officer, deputy]});
    const html = await drawn(LoginPanel);
    expect(html).toMatch(/person-UA.*周敏.*联络员.*person-UB.*廖鹏.*代表 · 用激活码/s);
    expect(html).not.toContain('login-account');
    expect(html).not.toContain('login-filter');
  });
  test('ManyPeopleHaveAFieldToFindThemBy', async () => {
    Object.assign(state, atStation, {people: Array.from({length: 13}, (_, i) => create(LoginSchema, {accountId: `U${i}`, name: '某'}))});
    expect(await drawn(LoginPanel)).toContain('login-filter');
  });
  test('ANobodysStationSaysWhomToAsk', async () => {
    Object.assign(state, atStation, {people: [], setUp: SetUpState.SET_UP_PEOPLE});
    expect(await drawn(LoginPanel)).toContain('系统管理员在“账号”里');
  });
  test('WhatTheDaemonEndedSaysThatTheFormIsStillThere', async () => {
    Object.assign(state, atStation, {people: [officer, deputy], owner: 'UA'});
    expect(await drawn(LoginPanel)).toMatch(/login-again.*填的内容都在/s);
  });
});

describe('logging in at the hub', () => {
  test('AsksForAnAccountAndAPasswordAndListsNobody', async () => {
    Object.assign(state, atHub);
    const html = await drawn(LoginPanel);
    expect(html).toMatch(/login-account.*type="password".*current-password/s);
    expect(html).not.toContain('您是哪一位');
  });
  test('ASetupCodeIsAskedForUntilThereIsAnAdmin', async () => {
    Object.assign(state, atHub, {setUp: SetUpState.SET_UP_ADMIN});
    expect(await drawn(SignIn, {title: '镇级平台'})).toContain('data-testid="first-run"');
    expect(await drawn(FirstRun)).toMatch(/setup-code.*setup-name.*new-secret.*new-secret-again/s);
    Object.assign(state, {setUp: SetUpState.SET_UP_DONE});
    expect(await drawn(SignIn, {title: '镇级平台'})).not.toContain('first-run');
  });
});

describe('a locked page', () => {
  test('SaysWhoseItIsAndThatNothingIsLost', async () => {
    Object.assign(state, atStation, {people: [officer], me: create(MeSchema, {accountId: 'UA', name: '周敏'}), locked: true, owner: 'UA'});
    expect(await drawn(UnlockPanel)).toMatch(/周敏，请输六位数字。填的内容都在。/);
    expect(await drawn(SignIn, {title: '站点'})).toContain('data-testid="unlock"');
    Object.assign(state, {choosing: true});
    expect(await drawn(SignIn, {title: '站点'})).toMatch(/data-testid="login".*返回（周敏）/s);
    expect(await drawn(MeMenu)).toContain('周敏');
  });
});

describe('slips', () => {
  const slip = (place: string, code: string) => create(OneTimeSlipSchema, {accountId: 'U7K2MC', name: '廖鹏', place, placeName: place === HUB ? '镇中心' : '民兴村', roles: [Access_Role.DEPUTY], code, date: '2026-11-20'});
  test('HaveTheCodeAndThreeSentencesOfTheirPlace', async () => {
    const html = await drawn(SlipSheet, {slips: [slip('HK-D057', '7K2M-C9QX-41TB')]});
    expect(html).toMatch(/民兴村.*廖鹏.*代表.*7K2M-C9QX-41TB.*U7K2MC.*2026年11月20日/s);
    expect(html.match(/<li/g)).toHaveLength(3);
    expect(html).toContain('六位数字');
    expect(await drawn(SlipSheet, {slips: [slip(HUB, '7K2M-C9QX-41TB')]})).toContain('十个字以上的密码');
  });
  test('WithoutACodeSayThatItWasShownBefore', async () => {
    expect(await drawn(SlipSheet, {slips: [slip('HK-D057', '')]})).toContain('已发过，请重新发码');
  });
});

describe('accounts', () => {
  const station = (stationId: string, tier: Tier, parentId = '', publicName = '') => create(StationSchema, {stationId, name: stationId, tier, parentId, publicName});
  const stations = [station('Z', Tier.CENTER), station('P1', Tier.AREA, 'Z', '第1片区'), station('D1', Tier.POINT, 'P1'), station('D2', Tier.POINT, 'P1')];
  const right = (grantId: string, place: string, more: object = {}) => ({grantId, place, placeName: place, role: Access_Role.DEPUTY, ...more});
  const row = (accountId: string, name: string, init: MessageInitShape<typeof AccountRowSchema> = {}) => create(AccountRowSchema, {accountId, name, ...init});
  const all = [
    row('UA7K2M', '周敏', {rights: [right('g1', 'D1', {role: Access_Role.OFFICER}), right('g2', 'D1'), right('g3', 'D2', {revoked: true, how: RevokedHow.REVOKED_DOUBT, revokedDate: '2026-11-01'})]}),
    row('UB0000', '廖鹏', {rights: [right('g4', 'D2')]}), row('UC0000', '周建平', {ended: true}),
  ];

  test('RolesAreThoseOfThePlace', () => {
    const labels = (place: string): string[] => rolesAt(place, stations).map((r) => r.label);
    expect(labels('')).toEqual([]);
    expect(labels('D1')).toEqual(['联络员', '代表']);
    expect(labels('P1')).toEqual(['联络员', '代表', '片区干事']);
    expect(labels(HUB)).toEqual(['镇人大干事', '主席、副主席', '承办单位', '区人大', '系统管理员']);
  });
  test('TheyAreFoundByNameInitialsAccountAndLivePlace', () => {
    const found = (query: string, place = '', withEnded = false): string[] => accountsShown(all, {query, place, withEnded}).map((a) => a.name);
    expect(found('')).toEqual(['周敏', '廖鹏']);
    expect(found('', '', true)).toEqual(['周敏', '廖鹏', '周建平']);
    expect(found('lp')).toEqual(['廖鹏']);
    expect(found('7k2m')).toEqual(['周敏']);
    expect(found('', 'D2')).toEqual(['廖鹏']);
  });
  test('ACodeIsMadeForAPlaceWithALiveRightOnce', () => expect(placesOf(all[0]).map((p) => p.place)).toEqual(['D1']));
  test('PlacesStandByArea', () => {
    const places = ['Z', 'D1', 'P1', 'D2', HUB, 'X'].map((place) => create(PlaceRowSchema, {place, placeName: place}));
    expect(placeGroups(places, stations).map((g) => [g.label, g.places.map((p) => p.place).join()])).toEqual(
      [['镇里', HUB], ['Z', 'Z'], ['第1片区', 'D1,P1,D2'], ['其他站点', 'X']]);
  });
  test('BothWaysOfTakingARightAwayAreExplained', () => {
    expect(REVOKING.map((way) => [way.how, way.label])).toEqual([[RevokedHow.REVOKED_LEFT, '离任'], [RevokedHow.REVOKED_DOUBT, '存疑']]);
    for (const way of REVOKING) expect(way.text).toMatch(/^[^。]+。$/);
    expect([rightText(all[0].rights[0]), revokedText(all[0].rights[2])]).toEqual(['D1 · 联络员', '存疑 2026-11-01']);
  });
  test('ACardHasItsRightsAndNoWayToEndOneself', async () => {
    const html = await drawn(AccountCard, {account: all[0], places: [], mine: false});
    expect(html).toMatch(/周敏.*code-UA7K2M.*grant-UA7K2M.*end-UA7K2M.*revoke-g1.*revoke-g2.*收回过的 1 项/s);
    expect(html).not.toContain('revoke-g3');
    expect(await drawn(AccountCard, {account: all[0], places: [], mine: true})).not.toContain('end-UA7K2M');
    const ended = await drawn(AccountCard, {account: all[2], places: [], mine: false});
    expect(ended).toContain('已停用');
    expect(ended).not.toContain('grant-UC0000');
  });
  test('APlaceThatAsksForLoginsIsNotAskedAgain', async () => {
    const places = [{place: 'D1', people: 2}, {place: 'D2', loginRequired: true, people: 1}, {place: HUB, people: 1}, {place: 'P1', people: 0}].map((p) => create(PlaceRowSchema, p));
    const html = await drawn(PlaceList, {places, making: false});
    expect(['D1', 'D2', HUB, 'P1'].map((p) => html.includes(`require-${p}"`))).toEqual([true, false, false, true]);
    expect(['D1', 'D2', HUB, 'P1'].map((p) => html.includes(`codes-${p}"`))).toEqual([true, true, true, false]);
  });
  test('APersonIsAddedWithAPlaceFirst', async () => {
    const html = await drawn(RightForm, {places: [create(PlaceRowSchema, {place: HUB, placeName: '镇中心'})]});
    expect(html).toMatch(/right-place.*镇中心.*right-name.*right-save/s);
    expect(html).not.toContain('right-role');
  });
});

describe('held words', () => {
  const op = (name: string, nodeId: string, init: object = {}) => Object.assign(create(RefusedOpSchema, {op: name, stationId: 'S', nodeId, readable: true}), init);
  test('WhatAPersonMustDecideComesFirst', () => {
    const boxes = byBox([op('a', 'n1'), op('b', 'n2', {kind: 2}), op('c', 'n2', {kind: 1}), op('d', 'n1')]);
    expect(boxes.map((b) => [b.nodeId, b.ops.map((o) => o.op).join()])).toEqual([['n2', 'c,b'], ['n1', 'a,d']]);
    expect(lookOf(boxes[0].ops[0])).toMatchObject({text: '待镇里确认', mayTake: true, mayDecline: true});
    expect(lookOf(op('e', 'n', {kind: 99})).text).toBe('未采用');
  });
  test('OnlyWhatARevocationRefusedIsTakenTogether', () => {
    expect(isOfRevokedDevice(op('a', 'n', {reason: '设备 n 已被吊销'}))).toBe(true);
    expect(isOfRevokedDevice(op('a', 'n', {reason: '只有镇里能写'}))).toBe(false);
    expect(isOfRevokedDevice(op('a', 'n', {reason: '设备 n 已被吊销', readable: false}))).toBe(false);
    expect(isOfRevokedDevice(op('a', 'n', {reason: '设备 n 已被吊销', kind: 1}))).toBe(false);
  });
});

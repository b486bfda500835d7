import {Code, ConnectError} from '@connectrpc/connect';
import {create} from '@bufbuild/protobuf';
import {describe, expect, test} from 'vitest';
import {FormPart} from '@gen/options_pb';
import {CodeSchema, DispositionSchema, FormSchema, MatterSchema, Nature, NatureSchema, StationSchema, DeputySchema, Tier, VisitEntrySchema} from '@gen/records_pb';
import {Light} from '@gen/views_pb';
import {Intent, newActionId} from '@liaison/action';
import {errorText, isKnownAction, isUnreachable, wantsDateConfirmed} from '@liaison/api';
import {addDays, ago, firstHalf, readDate, readTime} from '@liaison/dates';
import {fieldsIn, formField, isSaid, textIn} from '@liaison/fields';
import {choices, fieldLabel, labelOf, maxChars} from '@liaison/labels';
import {lightLook, slowest} from '@liaison/lights';
import {isMasked, visitorText} from '@liaison/masks';
import {initials, nameFits} from '@liaison/pinyin';
import {deputiesFor, suggestCategory} from '@liaison/roster';
import {shortName} from '@liaison/files';
import {href, parseRoute} from '@liaison/route';
import {workText} from '@liaison/status';

describe('lights', () => {
  test('EachLightDiffersInWordsAndShape', () => {
    const looks = [Light.SAVED, Light.PENDING, Light.DELIVERED].map(lightLook);
    expect(looks.map((l) => l.text)).toEqual(['已存', '待传', '已送达']);
    expect(new Set(looks.map((l) => l.shape)).size).toBe(3);
    expect(new Set(looks.map((l) => l.tone)).size).toBe(3);
  });
  test('AnUnknownLightIsNeverShownAsDelivered', () => {
    expect(lightLook(99 as Light).tone).toBe('unknown');
    expect(lightLook(Light.UNSPECIFIED).text).not.toBe('已送达');
  });
  test('TheSlowestPartDecides', () => {
    expect(slowest([Light.DELIVERED, Light.SAVED, Light.PENDING])).toBe(Light.SAVED);
    expect(slowest([Light.DELIVERED, Light.DELIVERED])).toBe(Light.DELIVERED);
    expect(slowest([])).toBe(Light.UNSPECIFIED);
  });
});

describe('masks', () => {
  test('AMaskedTextIsToldFromAName', () => {
    for (const text of ['138****5678', '王**', '王\uff0a\uff0a']) expect(isMasked(text)).toBe(true);
    for (const text of ['13812345678', '王建国', '阿依古丽·买买提', '']) expect(isMasked(text)).toBe(false);
  });
  test('WhoAskedForConfidenceIsNotNamed', () => {
    expect(visitorText({entry: {anonymous: false, confidential: true}, visitorName: '王建国'})).toBe('要求保密');
    expect(visitorText({entry: {anonymous: true, confidential: false}, visitorName: ''})).toBe('匿名');
    expect(visitorText({entry: {anonymous: false, confidential: false}, visitorName: '王**'})).toBe('王**');
  });
});

describe('files', () => {
  test('OfALongNameTheEndingStays', () => {
    const name = shortName(`${'名'.repeat(120)}.jpg`);
    expect(Array.from(name)).toHaveLength(100);
    expect(name.endsWith('名.jpg')).toBe(true);
    expect(name).toContain('…');
    expect(shortName('现场.jpg')).toBe('现场.jpg');
  });
});

describe('labels', () => {
  test('NamesComeFromTheSchemaWithoutTheUnsaid', () => {
    expect(choices(FormSchema).map((c) => c.label)).toEqual(
      ['坐班接待日', '主题接待', '流动接待', '走访', '预约', '座谈会', '电话/网络', '意见箱']);
    expect(choices(DispositionSchema).map((c) => c.name)[0]).toBe('DISPOSITION_ANSWERED');
    expect(labelOf(NatureSchema, 5)).toBe('咨询');
    expect(labelOf(NatureSchema, 77)).toBe('不认识的值');
  });
  test('LimitsComeFromTheSchema', () => {
    expect(maxChars(MatterSchema, 'title')).toBe(40);
    expect(maxChars(MatterSchema, 'content')).toBe(4000);
    expect(maxChars(MatterSchema, 'date')).toBe(200);
    expect(fieldLabel(MatterSchema, 'answered_by')).toBe('答复代表');
  });
});

describe('fields that the schema places', () => {
  test('TheirKindComesFromTheDescriptor', () => {
    const kinds = ['nature', 'dispute', 'grid', 'date'].map((name) => formField(MatterSchema.fields.find((x) => x.name === name)!).kind);
    expect(kinds).toEqual(['choice', 'tick', 'text', 'day']);
    expect(formField(VisitEntrySchema.field.time).kind).toBe('time');
  });
  test('TheyAreWrittenForPeopleAndForJson', () => {
    const [nature] = fieldsIn(MatterSchema, FormPart.FORM_FIRST, true);
    expect([nature.label, nature.blank, nature.nameOf(4)]).toEqual(['性质', Nature.OPINION, 'NATURE_HELP']);
    expect(nature.choices.map((c) => c.value)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(textIn(nature, {nature: 4})).toBe('求助');
    expect(textIn(nature, {nature: 0})).toBe('未定');
    const dispute = formField(MatterSchema.field.dispute);
    expect([textIn(dispute, {dispute: true}), textIn(dispute, {dispute: false}), textIn(dispute, undefined)]).toEqual(['是', '', '']);
    expect([isSaid(dispute, {dispute: false}), isSaid(nature, {nature: 1})]).toEqual([false, true]);
  });
  test('TheyComeInTheOrderOfTheirNumbers', () => {
    for (const part of [FormPart.FORM_FIRST, FormPart.FORM_MORE]) {
      const numbers = fieldsIn(MatterSchema, part).map((x) => MatterSchema.field[x.local as 'grid'].number);
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    }
  });
});

describe('action ids', () => {
  test('AnIdIsTwentyHexDigitsAndNew', () => {
    expect(newActionId()).toMatch(/^[0-9a-f]{20}$/);
    expect(newActionId()).not.toBe(newActionId());
  });
  test('ARetryOfTheSameContentKeepsTheId', () => {
    const intent = new Intent();
    const first = intent.idFor({a: 1});
    expect(intent.idFor({a: 1})).toBe(first);
    const other = intent.idFor({a: 2});
    expect(other).not.toBe(first);
    intent.done();
    expect(intent.idFor({a: 2})).not.toBe(other);
  });
});

describe('errors', () => {
  test('TheDaemonsOwnWordsAreShown', () => {
    expect(errorText(new ConnectError('电话不对', Code.InvalidArgument))).toBe('电话不对');
    expect(errorText(new ConnectError('磁盘满了', Code.Unavailable))).toBe('磁盘满了');
  });
  test('ALostConnectionIsSaidPlainly', () => {
    const lost = ConnectError.from(new TypeError('Failed to fetch'));
    expect(isUnreachable(lost)).toBe(true);
    expect(errorText(lost)).toBe('连不上本机程序，请检查盒子是否通电');
    expect(isUnreachable(new ConnectError('timed out', Code.DeadlineExceeded))).toBe(true);
    expect(isUnreachable(new ConnectError('不行', Code.FailedPrecondition))).toBe(false);
  });
  test('AKnownActionIsToldFromOtherRefusals', () => {
    expect(isKnownAction(new ConnectError('x', Code.AlreadyExists))).toBe(true);
    expect(isKnownAction(new ConnectError('x', Code.InvalidArgument))).toBe(false);
  });
  test('ADateIsConfirmedByWhatTheErrorCarriesNotByItsWords', () => {
    const asks = new ConnectError('接待日期：请核对', Code.FailedPrecondition);
    asks.details.push({type: 'liaison.v1.DateToConfirm', value: new Uint8Array()});
    expect(wantsDateConfirmed(asks)).toBe(true);
    expect(wantsDateConfirmed(new ConnectError('请核对；确实无误的，请确认后再保存', Code.FailedPrecondition))).toBe(false);
    expect(wantsDateConfirmed(new TypeError('Failed to fetch'))).toBe(false);
  });
  test('ForeignWordsAreFramedInChinese', () => {
    expect(errorText(new ConnectError('HTTP 500', Code.Unknown))).toMatch(/^程序没有办成/);
  });
});

describe('dates', () => {
  test('TypedDaysAreUnderstood', () => {
    for (const text of ['2026-11-20', '2026/11/20', '2026年11月20日', '20261120', '2026\uff0d11\uff0d20', '2026.11.20'])
      expect(readDate(text)).toBe('2026-11-20');
    expect(readDate('2026-1-5')).toBe('2026-01-05');
    for (const text of ['2026-02-30', '', '昨天', '2026-13-01']) expect(readDate(text)).toBeNull();
  });
  test('TypedTimesAreUnderstood', () => {
    for (const text of ['9:30', '09:30', '930', '0930', '9点30', '9点30分', '\uff19\uff1a30']) expect(readTime(text)).toBe('09:30');
    expect(readTime('9点')).toBe('09:00');
    expect(readTime('')).toBe('');
    for (const text of ['25:00', '9:75', '早上']) expect(readTime(text)).toBeNull();
  });
  test('PeriodsAreClosedIntervals', () => {
    expect(firstHalf('2026-11-20')).toEqual({from: '2026-01-01', to: '2026-06-30'});
    expect(addDays('2026-03-01', -1)).toBe('2026-02-28');
  });
  test('HowLongAgoIsSaidInWords', () => {
    const now = 1_800_000_000_000;
    expect(ago(0n, now)).toBe('从未');
    expect(ago(now - 30_000, now)).toBe('刚刚');
    expect(ago(now - 3_600_000 * 5, now)).toBe('5 小时前');
    expect(ago(BigInt(now - 86_400_000 * 9), now)).toBe('9 天前');
  });
});

describe('finding deputies and categories', () => {
  const point = (stationId: string, parentId: string) => create(StationSchema, {stationId, parentId, tier: Tier.POINT});
  test('InitialsOfNamesFilterTheList', () => {
    expect(initials('薛云')).toBe('XY');
    expect(nameFits('邱春梅', 'qc')).toBe(true);
    expect(nameFits('邱春梅', '春')).toBe(true);
    expect(nameFits('邱春梅', 'xy')).toBe(false);
  });
  test('TheStationsOwnDeputiesComeFirstThenTheArea', () => {
    const stations = [point('D1', 'P1'), point('D2', 'P1'), point('D3', 'P2')];
    const deputies = ['D3', 'D2', 'D1'].map((homeStationId) => create(DeputySchema, {deputyId: homeStationId, homeStationId}));
    expect(deputiesFor('D1', deputies, stations).map((d) => d.deputyId)).toEqual(['D1', 'D2', 'D3']);
  });
  test('TheLongestKeywordNamesTheCategory', () => {
    const categories = [create(CodeSchema, {code: '01', keywords: ['田']}), create(CodeSchema, {code: '02', keywords: ['田坎路']})];
    expect(suggestCategory('田坎路断了', categories)).toBe('02');
    expect(suggestCategory('没有提到', categories)).toBe('');
  });
});

test('ARecordIdSurvivesTheAddress', () => {
  const id = '16.0123abcd.0/17.0123abcd.1';
  expect(parseRoute(href('visit', id), 'today')).toEqual({name: 'visit', argument: id});
  expect(parseRoute('', 'today').name).toBe('today');
});

describe('long work', () => {
  test('ItIsSaidHowFarItIs', () => {
    expect(workText({what: '建立索引', unit: '条', done: 3200n, total: 50000n})).toBe('建立索引 3200/50000 条');
    expect(workText({what: '写备份文件', unit: '行', done: 7n, total: 0n})).toBe('写备份文件 7 行');
    expect(workText({what: '读入名册', unit: '项', done: 0n, total: 0n})).toBe('读入名册');
  });
});

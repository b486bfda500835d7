import {create, getOption} from '@bufbuild/protobuf';
import {Code, ConnectError} from '@connectrpc/connect';
import {describe, expect, test, vi} from 'vitest';
import {FormPart, f} from '@gen/options_pb';
import {CodeSchema, Disposition, MatterSchema, Nature} from '@gen/records_pb';
import {paperRules} from '@liaison/sheet';
import {charsOver, firstOver, lineBreaks, overText} from '@liaison/limits';
import {ImportLedgerResponseSchema, type ImportLedgerResponse} from '@gen/station_service_pb';
import {VisitViewSchema, type VisitView} from '@gen/views_pb';
import {entryFields, matterEdit, matterFields, type EntryEdit, type MatterEdit} from '../../../station/web/src/edit';
import {LedgerImport} from '../../../station/web/src/ledger-import';
import {
  blankPerson, editOf, isUntouched, ofEditDraft, outcomeText, writeEdit, type Answer, type Change, type EditOpen,
} from '../../../station/web/src/visit-edit';
import {
  FORM_FIELDS, blankMatter, blankOpen, blankPersonal, follow, isBlank, ofDraft, problems, titleFrom, toAccusation, toRequest, UNWRITTEN, type VisitOpen,
} from '../../../station/web/src/visit-form';

const categories = [create(CodeSchema, {code: '01', keywords: ['水渠']}), create(CodeSchema, {code: '07', keywords: ['医保']})];

function filled(): VisitOpen {
  const open = blankOpen();
  open.words = '三组水渠垮了二十来米';
  follow(open, categories);
  open.matters[0].disposition = Disposition.SUBMIT;
  return open;
}
const fieldsOf = (open: VisitOpen, personal = blankPersonal()): string[] => problems(open, personal).map((p) => p.field);

describe('a printed form', () => {
  test('TheSizeOfItsPaperIsFoundInItsStyle', () => {
    expect(paperRules('@page{size:A4;margin:16mm 15mm}\n*{box-sizing:border-box}')).toBe('@page{size:A4;margin:16mm 15mm}');
    expect(paperRules('p{margin:0}')).toBe('');
  });
});

describe('visit form', () => {
  test('TitleAndCategoryFollowTheWordsUntilAPersonSetsThem', () => {
    const open = filled();
    expect(open.matters[0].title).toBe('三组水渠垮了二十来米');
    expect(open.matters[0].category).toBe('01');
    Object.assign(open.matters[0], {title: '修渠', titleTyped: true, category: '99', categoryPicked: true});
    open.words = '医保怎么缴';
    follow(open, categories);
    expect(open.matters[0].title).toBe('修渠');
    expect(open.matters[0].category).toBe('99');
  });
  test('ATitleIsCutByCharactersNotByHalves', () => {
    expect(titleFrom('𬱖'.repeat(60))).toBe('𬱖'.repeat(40));
    expect(titleFrom(' 一\n二 ')).toBe('一 二');
  });
  test('ACompleteVisitHasNoProblems', () => {
    expect(fieldsOf(filled())).toEqual([]);
  });
  test('EachMissingPartNamesItsField', () => {
    expect(fieldsOf(blankOpen())).toEqual(['words', 'matter-0-title', 'matter-0-category', 'matter-0-disposition']);
    const open = filled();
    open.matters[0].disposition = Disposition.ANSWERED;
    expect(fieldsOf(open)).toEqual(['matter-0-answer', 'matter-0-answered-by']);
    open.matters[0].disposition = Disposition.GUIDED;
    expect(fieldsOf(open)).toEqual(['matter-0-guided-to', 'matter-0-guide-reason']);
    open.matters[0].disposition = Disposition.SUBMIT;
    open.headcount = '0';
    expect(fieldsOf(open, {...blankPersonal(), phone: '1381'})).toEqual(['headcount', 'visitor-phone']);
  });
  test('FullWidthDigitsOfAPhoneAreUnderstood', () => {
    const personal = {...blankPersonal(), name: '王建国', phone: '\uff11\uff13\uff18 1234\uff0d5678'};
    expect(fieldsOf(filled(), personal)).toEqual([]);
    expect(toRequest(filled(), personal, 'u').visitor?.phone).toBe('13812345678');
  });
  test('AMaskedNameIsNotTakenForAName', () => {
    expect(fieldsOf(filled(), {...blankPersonal(), name: '王**'})).toEqual(['visitor-name']);
  });
  test('NobodyNamedMeansAnonymous', () => {
    const request = toRequest(filled(), blankPersonal(), 'u');
    expect(request.entry?.anonymous).toBe(true);
    expect(request.visitor).toBeUndefined();
  });
  test('ALimitIsSaidAndNothingIsCut', () => {
    const open = filled();
    open.words = '字'.repeat(4415);
    open.matters[0].title = '题'.repeat(41);
    open.matters[0].titleTyped = true;
    open.villageGroup = '组'.repeat(21);
    const found = problems(open, {...blankPersonal(), name: '名'.repeat(31)});
    expect(found.map((p) => p.field)).toEqual(['words', 'visitor-name', 'visitor-group', 'matter-0-title']);
    expect(found[0].text).toBe('原话：415 字超出，最多 4000 字，超出时不能保存');
    const request = toRequest(open, blankPersonal(), 'u');
    expect(request.entry?.originalWords).toHaveLength(4415);
    expect(request.matters?.[0].title).toHaveLength(41);
  });
  test('ALimitCountsCharacters', () => {
    expect(charsOver('𠮷'.repeat(40), 40)).toBe(0);
    expect(charsOver(' 字字 ', 1)).toBe(1);
    expect(overText('字', 1)).toBe('');
    expect(firstOver([['地点', '字', 1], ['主题', '字字字', 1]])).toBe('主题：2 字超出，最多 1 字，超出时不能保存');
  });
  test('LineBreaksOfAWordProcessorAreLineBreaks', () => {
    expect(lineBreaks('尊敬的代表：\u000b三组\r\n水渠\u2028垮了\r。')).toBe('尊敬的代表：\n三组\n水渠\n垮了\n。');
  });
  test('AConfirmedDateGoesWithTheRequest', () => {
    expect(toRequest(filled(), blankPersonal(), 'u').dateMeant).toBe(false);
    expect(toRequest(filled(), blankPersonal(), 'u', true).dateMeant).toBe(true);
  });
  test('TheActionIdIsTheDrafts', () => {
    const open = filled();
    expect(toRequest(open, blankPersonal(), 'u').actionId).toBe(open.actionId);
    expect(toRequest(open, blankPersonal(), 'u')).toEqual(toRequest(open, blankPersonal(), 'u'));
  });
  test('ASecondMatterHasItsOwnContent', () => {
    const open = filled();
    open.matters.push({...blankMatter(), content: '医保怎么缴'});
    follow(open, categories);
    open.matters[1].disposition = Disposition.VILLAGE;
    const matters = toRequest(open, blankPersonal(), 'u').matters!;
    expect(matters.map((m) => m.content)).toEqual(['三组水渠垮了二十来米', '医保怎么缴']);
    expect(matters[1].category).toBe('07');
  });
  test('AnAnswerIsOnlySentWithItsDisposition', () => {
    const open = filled();
    Object.assign(open.matters[0], {answer: '写了又改主意', answeredBy: 'R1', solved: true});
    const matter = toRequest(open, blankPersonal(), 'u').matters![0];
    expect([matter.answer, matter.answeredBy, matter.answerSolved]).toEqual(['', '', false]);
  });
  test('AnAccusationCarriesNothingThatWasSaid', () => {
    const open = filled();
    open.villageGroup = '三组';
    open.remark = '某某村干部';
    const bare = toAccusation(open);
    const request = toRequest(bare, {...blankPersonal(), name: '王建国', phone: '13812345678'}, 'u');
    const text = JSON.stringify(request) + JSON.stringify(bare);
    for (const said of ['水渠', '三组', '村干部']) expect(text).not.toContain(said);
    expect(JSON.stringify(request)).not.toContain('王建国');
    expect(request.visitor).toBeUndefined();
    const matter = request.matters![0];
    expect([matter.disposition, matter.nature, matter.guidedTo, matter.guideReason]).toEqual(
      [Disposition.GUIDED, Nature.CRITICISM, '纪检监察机关', '检举控告']);
    expect(UNWRITTEN.map((x) => x.reason)).toEqual(['检举控告']);  // petitions and lawsuits keep their words
    expect(bare.actionId).toBe(open.actionId);
    expect(fieldsOf(bare)).toEqual([]);
  });
  // Whatever fields the schema places. Their controls: forms.test.ts.
  test('EveryFieldOfTheFormGoesWithTheRequestAndTheEdit', () => {
    const placed = MatterSchema.fields.filter((x) => getOption(x, f).form !== FormPart.FORM_NOT).map((x) => x.localName);
    expect(FORM_FIELDS.map((x) => x.local).sort()).toEqual([...placed].sort());
    const open = filled();
    const typed = FORM_FIELDS.map((x) => ({choice: x.choices.at(-1)?.value ?? 0, tick: true, day: '2026-11-20', time: '09:30', text: ' 网 '})[x.kind]);
    FORM_FIELDS.forEach((x, i) => (open.matters[0][x.local] = typed[i]));
    const sent = create(MatterSchema, toRequest(open, blankPersonal(), 'u').matters![0]) as unknown as Record<string, unknown>;
    expect(FORM_FIELDS.map((x) => sent[x.local])).toEqual(typed.map((v) => (typeof v === 'string' ? v.trim() : v)));
    expect(toAccusation(open).matters).toEqual([blankMatter()]);
    const before = matterEdit(create(MatterSchema));
    const now = {...before, ...Object.fromEntries(FORM_FIELDS.map((x, i) => [x.name, typed[i]]))};
    const written = JSON.parse(matterFields(before, now)) as Record<string, unknown>;
    expect(Object.keys(written).sort()).toEqual(FORM_FIELDS.map((x) => x.name).sort());
    for (const x of FORM_FIELDS) if (x.kind === 'choice') expect(written[x.name]).toBe(x.choices.at(-1)!.name);
  });
  test('ALongTextOfSuchAFieldIsRefusedByItsName', () => {
    const open = filled();
    const texts = FORM_FIELDS.filter((x) => x.kind === 'text');
    for (const x of texts) open.matters[0][x.local] = '字'.repeat(x.limit + 1);
    expect(fieldsOf(open)).toEqual(texts.map((x) => `matter-0-${x.name}`));
  });
  test('ADraftOfAnOlderPageGetsTheFieldsThatItLacks', () => {
    const open = filled();
    const old = JSON.parse(JSON.stringify(open)) as VisitOpen;
    old.matters[0].nature = Nature.HELP;
    for (const name of ['guideText', 'grid']) delete (old.matters[0] as Record<string, unknown>)[name];
    expect(ofDraft(old).matters[0]).toEqual({...open.matters[0], nature: Nature.HELP});
    expect(fieldsOf(ofDraft(old))).toEqual([]);
  });
  test('OnlyAnUntouchedFormIsBlank', () => {
    expect(isBlank(blankOpen(), blankPersonal())).toBe(true);
    expect(isBlank(blankOpen(), {...blankPersonal(), phone: '1'})).toBe(false);
    expect(isBlank({...blankOpen(), words: '字'}, blankPersonal())).toBe(false);
    expect(isBlank({...blankOpen(), accusation: true}, blankPersonal())).toBe(false);
  });
});

describe('edits', () => {
  const entry: EntryEdit = {original_words: '原', headcount: 1, time: '09:20', village_group: '', remark: '', confidential: false};
  const matter: MatterEdit = {
    title: '题', content: '容', category: '01', nature: Nature.OPINION, answer: '', answered_by: '',
    answer_solved: false, guided_to: '', place: '', remark: '',
  };
  test('OnlyWhatChangedIsWritten', () => {
    expect(entryFields(entry, {...entry})).toBe('');
    expect(JSON.parse(entryFields(entry, {...entry, headcount: 3}))).toEqual({headcount: 3});
    expect(JSON.parse(matterFields(matter, {...matter, nature: Nature.HELP}))).toEqual({nature: 'NATURE_HELP'});
  });
});

describe('an open edit', () => {
  const visit = (): VisitView =>
    create(VisitViewSchema, {
      id: 'v', token: 't1', visitorId: 'p', visitorToken: 't2', entry: {originalWords: '水渠垮了', headcount: 2},
      matters: [
        {id: 'm', token: 't3', matter: {title: '水渠', number: '1号'}},
        {id: 'gone', token: 't4', voided: true, matter: {title: '旧的'}},
      ],
    });
  const lost = async (): Promise<never> => {
    throw new TypeError('Failed to fetch');
  };
  const refused = async (): Promise<never> => {
    throw new ConnectError('标题：太长', Code.InvalidArgument);
  };

  test('AnUntouchedOneIsNoDraft', () => {
    const open = editOf(visit());
    expect(open.matters.map((m) => m.id)).toEqual(['m']);
    expect(isUntouched(open, blankPerson())).toBe(true);
    expect(isUntouched({...open, headcount: '3'}, blankPerson())).toBe(false);
    expect(isUntouched(open, {...blankPerson(), phone: '1'})).toBe(false);
    open.matters[0].now.title = '三组水渠';
    expect(isUntouched(open, blankPerson())).toBe(false);
  });
  const answer = (token: string, record: object, conflicts = 0): Answer => ({record: {token, json: JSON.stringify(record), conflicts}});

  test('ADraftBringsItsTokenAndActionIdBack', async () => {
    const open = editOf(visit());
    open.matters[0].now.title = '三组水渠';
    const sent: Change[] = [];
    expect((await writeEdit(open, blankPerson(), 'p', 'u', (change) => (sent.push(change), lost()))).unsure).toEqual(['事项 1号']);
    const back = JSON.parse(JSON.stringify(open)) as EditOpen;
    expect((await writeEdit(back, blankPerson(), 'p', 'u', async (change) => void sent.push(change))).saved).toEqual(['事项 1号']);
    expect(sent).toHaveLength(2);
    expect(sent[1]).toEqual(sent[0]);
    expect([sent[0].id, sent[0].token, sent[0].fields]).toEqual(['m', 't3', '{"title":"三组水渠"}']);
  });
  test('WhatWasWrittenIsPassedOverAfterAnErrorUnlessItWasChangedAgain', async () => {
    const open = editOf(visit());
    open.entry.now.original_words = '水渠垮了二十米';
    open.matters[0].now.title = '三组水渠';
    const ids: string[] = [];
    const failing = async (change: Change): Promise<void> => (ids.push(change.id), change.id === 'm' ? refused() : undefined);
    const outcome = await writeEdit(open, blankPerson(), 'p', 'u', failing);
    expect(outcomeText(outcome, '标题：太长')).toBe('已保存：登记；没有保存：事项 1号。标题：太长');
    await writeEdit(open, blankPerson(), 'p', 'u', async (change) => void ids.push(change.id));
    expect(ids).toEqual(['v', 'm', 'm']);
    open.entry.now.original_words = '水渠垮了三十米';
    await writeEdit(open, blankPerson(), 'p', 'u', async (change) => void ids.push(change.id));
    expect(ids).toEqual(['v', 'm', 'm', 'v']);
    expect(isUntouched(open, blankPerson())).toBe(true);
  });
  test('AChangeAfterASaveThatFailedHalfWayHasSeenWhatWasSaved', async () => {
    const open = editOf(visit()), sent: Change[] = [];
    open.entry.now.original_words = '水渠垮了二十米';
    open.matters[0].now.title = '三组水渠';
    await writeEdit(open, blankPerson(), 'p', 'u', async (change) =>
      (sent.push(change), change.id === 'v' ? answer('t9', {originalWords: '水渠垮了二十米', headcount: 2}) : refused()));
    open.entry.now.original_words = '水渠垮了';  // as it was at first: a change all the same
    expect(isUntouched(open, blankPerson())).toBe(false);
    await writeEdit(open, blankPerson(), 'p', 'u', async (change) => void sent.push(change));
    expect(sent.map((change) => [change.id, change.token])).toEqual([['v', 't1'], ['m', 't3'], ['v', 't9'], ['m', 't3']]);
    expect(sent[2].fields).toBe('{"original_words":"水渠垮了"}');
  });
  test('WhatOthersWroteMeanwhileIsNotTakenAsSeen', async () => {
    const other = {originalWords: '水渠垮了二十米', headcount: 7};  // 7 is on nobody's screen here
    for (const one of [answer('t9', other), answer('t9', {...other, headcount: 2}, 1)]) {
      const open = editOf(visit());
      open.entry.now.original_words = '水渠垮了二十米';
      await writeEdit(open, blankPerson(), 'p', 'u', async () => one);
      expect(open.entry.token).toBe('t1');
    }
  });
  test('WhatGotNoAnswerIsStoredOnceBeforeWhatWasTypedSince', async () => {
    const open = editOf(visit()), sent: Change[] = [];
    open.matters[0].now.title = '三组水渠';
    await writeEdit(open, blankPerson(), 'p', 'u', (change) => (sent.push(change), lost()));
    open.matters[0].now.title = '三组水渠垮了';
    const outcome = await writeEdit(open, blankPerson(), 'p', 'u', async (change) => (sent.push(change), answer(`n${sent.length}`, {title: change.fields})));
    expect(outcome.error).toBeUndefined();
    expect(sent[1]).toEqual(sent[0]);
    expect([sent[2].fields, sent[2].token]).toEqual(['{"title":"三组水渠垮了"}', 'n2']);
    expect(sent[2].actionId).not.toBe(sent[0].actionId);
  });
  test('WhatWasRefusedIsNotAskedForAgain', async () => {
    const open = editOf(visit()), sent: string[] = [];
    open.matters[0].now.title = '题'.repeat(50);
    await writeEdit(open, blankPerson(), 'p', 'u', (change) => (sent.push(change.fields), refused()));
    open.matters[0].now.title = '三组水渠';
    await writeEdit(open, blankPerson(), 'p', 'u', async (change) => void sent.push(change.fields));
    expect(sent.slice(1)).toEqual(['{"title":"三组水渠"}']);
  });
  test('SavedUnsureAndMissedAreToldApart', async () => {
    const open = editOf(visit()), person = {...blankPerson(), name: '王建国'};
    open.entry.now.remark = '备注';
    open.matters[0].now.title = '三组水渠';
    const outcome = await writeEdit(open, person, 'p', 'u', (change) => (change.id === 'p' ? lost() : Promise.resolve()));
    expect(outcomeText(outcome, '连不上')).toBe('已保存：登记；不知是否已保存：反映人；没有保存：事项 1号。连不上');
    expect(outcomeText(await writeEdit(open, person, 'p', 'u', async () => undefined), '')).toBe('');
  });
  test('ADraftOfAnOlderPageShowsTheRecordWhereItHasNothing', () => {
    const now = visit();
    now.matters[0].matter!.grid = '第三网格';
    const old = JSON.parse(JSON.stringify(editOf(now))) as EditOpen;
    for (const piece of [old.matters[0].before, old.matters[0].now] as Record<string, unknown>[]) delete piece.grid;
    delete (old.entry as Partial<EditOpen['entry']>).sent;
    old.matters[0].now.title = '三组水渠';
    const open = ofEditDraft(old, now);
    expect([open.matters[0].now.grid, open.matters[0].now.title, open.entry.sent]).toEqual(['第三网格', '三组水渠', null]);
    expect(matterFields(open.matters[0].before, open.matters[0].now)).toBe('{"title":"三组水渠"}');
  });
  test('ANameStandsInTheSealedPartOnly', async () => {
    const open = editOf(visit()), person = {...blankPerson(), name: '王建国', phone: ' '};
    const sent: Change[] = [];
    await writeEdit(open, person, 'p', 'u', async (change) => (sent.push(change), answer('t7', {})));
    expect(sent.map((change) => [change.id, change.token, change.fields])).toEqual([['p', 't2', '{"name":"王建国"}']]);
    expect(JSON.stringify(open)).not.toContain('王建国');
    expect([open.visitorToken, isUntouched(open, person)]).toEqual(['t7', true]);
  });
});

describe('an old ledger that comes in', () => {
  const bytes = async (): Promise<ArrayBuffer> => new ArrayBuffer(1);
  const answered = (accepted: number): ImportLedgerResponse => create(ImportLedgerResponseSchema, {accepted});

  test('NoFileIsTakenAndNoImportBeginsBesideOneThatRuns', async () => {
    let finish: (answer: ImportLedgerResponse) => void = () => undefined;
    const calls: string[] = [];
    const work = new LedgerImport((file, dryRun) => {
      calls.push(`${dryRun ? '?' : '!'}${file.name}`);
      return dryRun ? Promise.resolve(answered(2)) : new Promise((resolve) => (finish = resolve));
    }, String);
    await work.choose('一.csv', bytes);
    const running = work.importNow();
    expect(await work.choose('二.csv', bytes)).toBe(false);
    expect(await work.importNow()).toBeNull();
    expect(work.file?.name).toBe('一.csv');
    finish(answered(2));
    await running;
    expect(calls).toEqual(['?一.csv', '!一.csv']);
    expect(await work.choose('二.csv', bytes)).toBe(true);
    expect([work.file?.name, work.result]).toEqual(['二.csv', null]);
  });
  test('TheLastChosenFileIsTriedWhateverComesBackFirst', async () => {
    const trials: ((answer: ImportLedgerResponse) => void)[] = [];
    const work = new LedgerImport(() => new Promise((resolve) => trials.push(resolve)), String);
    const first = work.choose('一.csv', bytes);
    await vi.waitFor(() => expect(trials).toHaveLength(1));
    const second = work.choose('二.csv', bytes);
    await vi.waitFor(() => expect(trials).toHaveLength(2));
    trials[0](answered(1));
    await first;
    expect([work.trial, work.trying, await work.importNow()]).toEqual([null, true, null]);
    trials[1](answered(2));
    await second;
    expect([work.trial?.accepted, work.trying]).toEqual([2, false]);
  });
  test('WhatCannotBeReadOrIsRefusedIsSaid', async () => {
    const work = new LedgerImport(() => Promise.reject(new Error('不是表格')), (error) => (error as Error).message);
    await work.choose('坏.csv', () => Promise.reject(new Error()));
    expect([work.problem.startsWith('文件“坏.csv”读不出来'), work.trying]).toEqual([true, false]);
    await work.choose('坏.csv', bytes);
    expect([work.problem, work.trial, await work.importNow()]).toEqual(['不是表格', null, null]);
  });
});

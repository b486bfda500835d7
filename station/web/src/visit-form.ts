// What the visit form holds, and the request that it becomes. Pure, so that it can be tested without a page.
import {FormPart} from '@gen/options_pb';
import {
  Disposition, GuideReason, GuideReasonSchema, MatterSchema, Nature, VisitEntrySchema, VisitorFieldsSchema, type Code,
} from '@gen/records_pb';
import type {LogVisitRequestSchema} from '@gen/station_service_pb';
import {newActionId} from '@liaison/action';
import type {MessageInitShape} from '@liaison/api';
import {halfWidth} from '@liaison/dates';
import {fieldsIn, valuesOf, type Value} from '@liaison/fields';
import {choices, labelOf, maxChars} from '@liaison/labels';
import {overText} from '@liaison/limits';
import {isMasked} from '@liaison/masks';
import {suggestCategory} from '@liaison/roster';

// Of a matter, from the schema: after the category, and under 更多.
export const FIRST_FIELDS = fieldsIn(MatterSchema, FormPart.FORM_FIRST);
export const MORE_FIELDS = fieldsIn(MatterSchema, FormPart.FORM_MORE);
export const FORM_FIELDS = [...FIRST_FIELDS, ...MORE_FIELDS];

export interface MatterForm {
  [field: string]: Value;  // FORM_FIELDS by their local names
  title: string;
  titleTyped: boolean;  // by a person: no longer follows the words
  content: string;      // used from the second matter on; empty: the words
  category: string;
  categoryPicked: boolean;
  disposition: Disposition;
  answer: string;
  answeredBy: string;
  solved: boolean;
  guidedTo: string;
  guideReason: string;
  guideText: string;  // the words of 其他
}

// The part that may stand in a draft in clear.
export interface VisitOpen {
  actionId: string;
  sessionId: string;
  time: string;
  accusation: boolean;
  accusationTo: string;
  words: string;
  headcount: string;
  villageGroup: string;
  confidential: boolean;
  noticeGiven: boolean;
  constituent: boolean;
  remark: string;
  matters: MatterForm[];
}

export interface VisitPersonal {
  name: string;
  phone: string;
  gender: string;
  ageBand: string;
}

export interface Problem {
  field: string;  // the id of the control to go to
  text: string;
  over?: boolean;  // over its limit, which the control itself says
}

// Where a matter goes of which nothing is written down, and the reason that says so: an accusation alone. The daemon knows
// it by its code. 涉法涉诉 and 信访 are guided like anything else, and keep their words.
export const UNWRITTEN: {to: string; reason: string}[] = [
  {to: '纪检监察机关', reason: labelOf(GuideReasonSchema, GuideReason.GUIDE_ACCUSATION)},
];
// The labels of GuideReason, but for 检举控告, which has its own form; 其他 asks for words.
export const GUIDE_REASONS = choices(GuideReasonSchema).filter((c) => c.value !== GuideReason.GUIDE_ACCUSATION).map((c) => c.label);
export const OTHER_REASON = labelOf(GuideReasonSchema, GuideReason.GUIDE_OTHER);
export const AGE_BANDS = ['35岁以下', '36至59岁', '60岁以上'];
const ACCUSATION_CATEGORY = '99';
const TITLE_CHARS = 40;

export function blankMatter(): MatterForm {
  return {
    title: '', titleTyped: false, content: '', category: '', categoryPicked: false,
    disposition: Disposition.UNSPECIFIED, answer: '', answeredBy: '', solved: false, guidedTo: '', guideReason: '', guideText: '',
    ...valuesOf(FORM_FIELDS, undefined, 'local'),
  };
}

// A draft as it was kept, also by an older page, which knew fewer fields.
export function ofDraft(draft: VisitOpen): VisitOpen {
  return {...blankOpen(), ...draft, matters: draft.matters.map((m) => ({...blankMatter(), ...m}))};
}

export function blankOpen(): VisitOpen {
  return {
    actionId: newActionId(), sessionId: '', time: '', accusation: false, accusationTo: UNWRITTEN[0].to, words: '',
    headcount: '1', villageGroup: '', confidential: false, noticeGiven: false, constituent: true, remark: '',
    matters: [blankMatter()],
  };
}

export function blankPersonal(): VisitPersonal {
  return {name: '', phone: '', gender: '', ageBand: ''};
}

export function hasPersonal(personal: VisitPersonal): boolean {
  return Object.values(personal).some((x) => x.trim() !== '');
}

const textsOf = (m: MatterForm): string => FORM_FIELDS.filter((x) => x.kind === 'text').map((x) => m[x.local]).join('');

// True if closing the page now would lose nothing that a person typed.
export function isBlank(open: VisitOpen, personal: VisitPersonal): boolean {
  const typed = open.words + open.villageGroup + open.remark + open.matters.map((m) => m.title + m.content + m.answer + m.guidedTo + m.guideText + textsOf(m)).join('');
  return typed.trim() === '' && !hasPersonal(personal) && !open.accusation && open.matters.length === 1 && open.headcount === '1';
}

export function titleFrom(words: string): string {
  return Array.from(words.replace(/\s+/g, ' ').trim()).slice(0, TITLE_CHARS).join('');
}

// Fills what the person has not set: titles from the words, the category from its keywords.
export function follow(open: VisitOpen, categories: Code[]): void {
  open.matters.forEach((matter, i) => {
    const source = i === 0 ? matter.content || open.words : matter.content;
    if (!matter.titleTyped) matter.title = titleFrom(source);
    if (!matter.categoryPicked) matter.category = suggestCategory(source, categories);
  });
}

// Nothing of what was said is kept: it must not reach a disk, not even as a draft.
export function toAccusation(open: VisitOpen): VisitOpen {
  return {...blankOpen(), actionId: open.actionId, sessionId: open.sessionId, time: open.time, accusation: true, headcount: open.headcount};
}

export function problems(open: VisitOpen, personal: VisitPersonal): Problem[] {
  const found: Problem[] = [];
  const count = Number(open.headcount);
  if (!Number.isInteger(count) || count < 1 || count > 1000) found.push({field: 'headcount', text: '人数要填 1 到 1000'});
  if (open.accusation) return found;
  if (open.words.trim() === '') found.unshift({field: 'words', text: '请写下群众的原话'});
  const phone = phoneDigits(personal.phone);
  if (phone !== '' && !/^\d{7,12}$/.test(phone)) found.push({field: 'visitor-phone', text: '电话要填 7 到 12 位数字'});
  if (isMasked(personal.name)) found.push({field: 'visitor-name', text: '姓名里有 * 号，请写全名，或者不填'});
  const limited = (field: string, label: string, text: string, limit: number): void => {
    const over = overText(text, limit);
    if (over) found.push({field, text: `${label}：${over}`, over: true});
  };
  limited('words', '原话', open.words, maxChars(VisitEntrySchema, 'original_words'));
  limited('visitor-name', '反映人姓名', personal.name, maxChars(VisitorFieldsSchema, 'name'));
  limited('visitor-group', '村组', open.villageGroup, maxChars(VisitEntrySchema, 'village_group'));
  limited('visit-remark', '记录人备注', open.remark, maxChars(VisitEntrySchema, 'remark'));
  open.matters.forEach((m, i) => {
    const which = open.matters.length > 1 ? `第 ${i + 1} 件：` : '';
    limited(`matter-${i}-title`, `${which}标题`, m.title, maxChars(MatterSchema, 'title'));
    limited(`matter-${i}-content`, `${which}内容`, m.content, maxChars(MatterSchema, 'content'));
    if (m.disposition === Disposition.ANSWERED) {
      limited(`matter-${i}-answer`, `${which}答复内容`, m.answer, maxChars(MatterSchema, 'answer'));
    }
    if (m.disposition === Disposition.GUIDED) {
      limited(`matter-${i}-guided-to`, `${which}引导去向`, m.guidedTo, maxChars(MatterSchema, 'guided_to'));
      if (m.guideReason === OTHER_REASON) {
        limited(`matter-${i}-guide-text`, `${which}引导原因`, m.guideText, maxChars(MatterSchema, 'guide_reason'));
      }
    }
    for (const x of FORM_FIELDS) {
      if (x.kind === 'text') limited(`matter-${i}-${x.name}`, `${which}${x.label}`, String(m[x.local]), x.limit);
    }
    if (m.title.trim() === '') found.push({field: `matter-${i}-title`, text: `${which}请写标题`});
    if (m.category === '') found.push({field: `matter-${i}-category`, text: `${which}请选类别`});
    if (m.disposition === Disposition.UNSPECIFIED) found.push({field: `matter-${i}-disposition`, text: `${which}请选处理方式`});
    if (m.disposition === Disposition.ANSWERED) {
      if (m.answer.trim() === '') found.push({field: `matter-${i}-answer`, text: `${which}请写答复内容`});
      if (m.answeredBy === '') found.push({field: `matter-${i}-answered-by`, text: `${which}请选答复的代表`});
    }
    if (m.disposition === Disposition.GUIDED && m.guidedTo.trim() === '') {
      found.push({field: `matter-${i}-guided-to`, text: `${which}请写引导到哪里`});
    }
    if (m.disposition === Disposition.GUIDED && m.guideReason === '') {
      found.push({field: `matter-${i}-guide-reason`, text: `${which}请选引导原因`});
    }
    if (m.disposition === Disposition.GUIDED && m.guideReason === OTHER_REASON && m.guideText.trim() === '') {
      found.push({field: `matter-${i}-guide-text`, text: `${which}请写明引导原因`});
    }
  });
  return found;
}

export function phoneDigits(text: string): string {
  return halfWidth(text).replace(/[\s-]/g, '');
}

type Request = MessageInitShape<typeof LogVisitRequestSchema>;

function typedFields(m: MatterForm): MessageInitShape<typeof MatterSchema> {
  return Object.fromEntries(FORM_FIELDS.map(({local}) => [local, typeof m[local] === 'string' ? m[local].trim() : m[local]]));
}

// `dateMeant`: a person has confirmed the session's date, which lies far back or ahead of a doubtful clock.
export function toRequest(open: VisitOpen, personal: VisitPersonal, user: string, dateMeant = false): Request {
  const base = {actionId: open.actionId, sessionId: open.sessionId, user, dateMeant};
  const entry = {headcount: Number(open.headcount), time: open.time, groupVisit: Number(open.headcount) > 5};
  if (open.accusation) {
    const reason = UNWRITTEN.find((x) => x.to === open.accusationTo)?.reason ?? UNWRITTEN[0].reason;
    const text = `${reason}，不记内容，已引导至${open.accusationTo}。`;
    return {
      ...base,
      entry: {...entry, anonymous: true, confidential: true, originalWords: text},
      matters: [{
        title: `${reason}（不记内容）`, content: text, category: ACCUSATION_CATEGORY, nature: Nature.CRITICISM,
        disposition: Disposition.GUIDED, guidedTo: open.accusationTo, guideReason: reason, confidential: true,
      }],
    };
  }
  const named = hasPersonal(personal);
  const villageGroup = open.villageGroup.trim();
  return {
    ...base,
    entry: {
      ...entry, anonymous: personal.name.trim() === '' && phoneDigits(personal.phone) === '', isConstituent: open.constituent, originalWords: open.words.trim(),
      remark: open.remark.trim(), noticeGiven: open.noticeGiven, confidential: open.confidential, villageGroup,
    },
    visitor: named
      ? {
          name: personal.name.trim(), phone: phoneDigits(personal.phone), gender: personal.gender,
          ageBand: personal.ageBand, villageGroup,
        }
      : undefined,
    matters: open.matters.map((m) => {
      const answered = m.disposition === Disposition.ANSWERED;
      const guided = m.disposition === Disposition.GUIDED;
      return {
        ...typedFields(m),
        title: m.title.replace(/\s+/g, ' ').trim(), content: m.content.trim() || open.words.trim(), category: m.category, disposition: m.disposition,
        answer: answered ? m.answer.trim() : '', answeredBy: answered ? m.answeredBy : '',
        answerSolved: answered && m.solved, guidedTo: guided ? m.guidedTo.trim() : '', guideReason: guided ? (m.guideReason === OTHER_REASON ? m.guideText.trim() : m.guideReason) : '', confidential: open.confidential,
        place: villageGroup,
      };
    }),
  };
}

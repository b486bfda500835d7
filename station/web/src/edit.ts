// Turns an edited copy of a record into the fields of a ChangeRecord: only what a person changed is written, so that an
// edit elsewhere of another field stays untouched.
import type {Matter, VisitEntry} from '@gen/records_pb';
import {valuesOf, type Value} from '@liaison/fields';
import {FORM_FIELDS} from './visit-form';

export interface EntryEdit {
  original_words: string;
  headcount: number;
  time: string;
  village_group: string;
  remark: string;
  confidential: boolean;
}

export interface MatterEdit {
  [field: string]: Value;  // FORM_FIELDS by their names in the schema
  title: string;
  content: string;
  category: string;
  answer: string;
  answered_by: string;
  answer_solved: boolean;
  guided_to: string;
  place: string;
  remark: string;
}

export function entryEdit(e: VisitEntry): EntryEdit {
  return {
    original_words: e.originalWords, headcount: e.headcount, time: e.time, village_group: e.villageGroup, remark: e.remark,
    confidential: e.confidential,
  };
}

export function matterEdit(m: Matter): MatterEdit {
  return {
    title: m.title, content: m.content, category: m.category, answer: m.answer, answered_by: m.answeredBy,
    answer_solved: m.answerSolved, guided_to: m.guidedTo, place: m.place, remark: m.remark, ...valuesOf(FORM_FIELDS, m, 'name'),
  };
}

export function changed<T extends object>(before: T, after: T): Partial<T> {
  const keys = (Object.keys(after) as (keyof T)[]).filter((k) => before[k] !== after[k]);
  return Object.fromEntries(keys.map((k) => [k, after[k]])) as Partial<T>;
}

// The fields as JSON with the schema's names; '' if nothing was changed. How a matter is handled is not among them: that
// moves its state, which goes by steps of its own.
export function entryFields(before: EntryEdit, after: EntryEdit): string {
  const fields = changed(before, after);
  return Object.keys(fields).length ? JSON.stringify(fields) : '';
}

export function matterFields(before: MatterEdit, after: MatterEdit): string {
  const fields: Record<string, unknown> = {...changed(before, after)};
  for (const x of FORM_FIELDS) {
    if (x.kind === 'choice' && x.name in fields) fields[x.name] = x.nameOf(Number(after[x.name]));
  }
  return Object.keys(fields).length ? JSON.stringify(fields) : '';
}

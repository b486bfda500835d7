// What an open edit of a visit holds, as it lies in its draft: what the screen was loaded with, the tokens that say so, and
// what was typed since. A draft that comes back brings its own tokens, so that whatever was changed meanwhile shows as a
// conflict and is not written over.
import {MatterSchema, VisitEntrySchema} from '@gen/records_pb';
import type {VisitView} from '@gen/views_pb';
import {newActionId} from '@liaison/action';
import {isUnreachable, readJson} from '@liaison/api';
import {entryEdit, entryFields, matterEdit, matterFields, type EntryEdit, type MatterEdit} from './edit';

export interface Change {
  actionId: string;
  id: string;
  token: string;
  fields: string;
  user: string;
}

// The last request of a piece that was not answered with success. `unsure`: no answer was seen, so it may be stored.
export interface Sent<T> {
  change: Change;
  now: T;
  unsure: boolean;
}

export interface Piece<T> {
  id: string;
  token: string;
  before: T;  // as it stands in the record as far as this form knows: loaded, or written from here
  now: T;
  sent: Sent<T> | null;
}

export interface MatterPiece extends Piece<MatterEdit> {
  number: string;
  disposition: number;
}

export interface EditOpen {
  headcount: string;
  entry: Piece<EntryEdit>;
  matters: MatterPiece[];
  visitorToken: string;
}

// Typed anew or left alone, since they are shown masked. Sealed in the draft, with all that was made of them.
export interface EditPersonal {
  name: string;
  phone: string;
  stored: string;  // the fields that were written already
  sent: Sent<string> | null;
}

export function editOf(visit: VisitView): EditOpen {
  const piece = <T extends object>(id: string, token: string, value: T): Piece<T> => ({
    id, token, before: value, now: {...value}, sent: null,
  });
  const entry = entryEdit(visit.entry!);
  return {
    headcount: String(entry.headcount),
    entry: piece(visit.id, visit.token, entry),
    matters: visit.matters.filter((m) => !m.voided).map((m) => ({
      ...piece(m.id, m.token, matterEdit(m.matter!)), number: m.matter?.number ?? '', disposition: m.matter?.disposition ?? 0,
    })),
    visitorToken: visit.visitorToken,
  };
}

// A draft as it was kept. One of an older page lacks what it did not know; there the record of now is shown.
export function ofEditDraft(draft: EditOpen, visit: VisitView): EditOpen {
  const fresh = editOf(visit);
  const filled = <T extends object, P extends Piece<T>>(piece: P, known: T | undefined): P =>
    ({...piece, before: {...known, ...piece.before}, now: {...known, ...piece.now}, sent: piece.sent ?? null});
  return {
    ...draft,
    entry: filled(draft.entry, fresh.entry.before),
    matters: draft.matters.map((m) => filled(m, fresh.matters.find((x) => x.id === m.id)?.before)),
  };
}

export const blankPerson = (): EditPersonal => ({name: '', phone: '', stored: '', sent: null});

export function personFields(person: EditPersonal): string {
  const given = (['name', 'phone'] as const).filter((field) => person[field].trim() !== '');
  const fields = given.length === 0 ? '' : JSON.stringify(Object.fromEntries(given.map((field) => [field, person[field]])));
  return fields === person.stored ? '' : fields;
}

// Nothing differs from what stands in the records as far as this form knows: there is no draft to keep.
export function isUntouched(open: EditOpen, person: EditPersonal): boolean {
  return open.headcount === String(open.entry.before.headcount) && entryFields(open.entry.before, open.entry.now) === '' &&
    open.matters.every((m) => matterFields(m.before, m.now) === '') && personFields(person) === '';
}

export interface Answer {
  record?: {token: string; json: string; conflicts: number};
}
export type Send = (change: Change) => Promise<Answer | void>;

// What became of the parts of an edit, by the names that a person knows them by.
export interface Outcome {
  saved: string[];
  unsure: string[];  // no answer was seen
  missed: string[];
  error: unknown;    // why; undefined: everything is saved
}

interface Part<T> {
  name: string;
  at: {id: string; token: string};
  sent: () => Sent<T> | null;
  keep: (sent: Sent<T> | null) => void;
  now: () => T;
  fields: () => string;                          // that differ; '' if none do
  wrote: (sent: Sent<T>, answer: Answer | void) => void;
}

function partOf<T extends object>(name: string, piece: Piece<T>, fieldsOf: (before: T, now: T) => string, read: (json: string) => T): Part<T> {
  return {
    name, at: piece, sent: () => piece.sent, keep: (sent) => (piece.sent = sent), now: () => ({...piece.now}),
    fields: () => fieldsOf(piece.before, piece.now),
    wrote(sent, answer) {
      // The record's new token has seen this write, so a later change of the same field replaces it. It is taken only if
      // it has seen nothing that is not on the screen: what others wrote meanwhile must come out as a conflict.
      const record = answer?.record;
      if (record && record.conflicts === 0) {
        const shown = read(record.json);
        const left = (Object.keys(sent.now) as (keyof T)[]).filter((k) => piece.before[k] === sent.now[k]);
        if (left.every((k) => shown[k] === piece.before[k])) piece.token = record.token;
      }
      piece.before = sent.now;
    },
  };
}

async function deliver<T>(part: Part<T>, sent: Sent<T>, send: Send): Promise<void> {
  part.keep({...sent, unsure: true});  // until something is known
  let answer: Answer | void;
  try {
    answer = await send(sent.change);
  } catch (error) {
    part.keep({...sent, unsure: isUnreachable(error)});
    throw error;
  }
  part.wrote(sent, answer);
  part.keep(null);
}

async function write<T>(part: Part<T>, user: string, send: Send): Promise<boolean> {
  const kept = part.sent();
  const same = (change: Change): boolean =>
    change.id === part.at.id && change.token === part.at.token && change.fields === part.fields() && change.user === user;
  if (kept?.unsure && !same(kept.change)) {
    // It may be stored. Asked for again as it was, it is stored once, and what was typed since has seen it.
    await deliver(part, kept, send).catch((error: unknown) => {
      if (isUnreachable(error)) throw error;  // else it was refused and is not stored
    });
  }
  const fields = part.fields();
  if (fields === '') return false;
  const again = part.sent();
  const change = again && same(again.change) ? again.change : {actionId: newActionId(), id: part.at.id, token: part.at.token, fields, user};
  await deliver(part, {change, now: part.now(), unsure: true}, send);
  return true;
}

// Writes what differs, each record by an action of its own, until one fails. Called again it goes on from there: what was
// written and is unchanged since is passed over; the action id of what got no answer is the same again.
export async function writeEdit(open: EditOpen, person: EditPersonal, visitorId: string, user: string, send: Send): Promise<Outcome> {
  const visitor: Part<string> = {
    name: '反映人', at: {id: visitorId, get token() { return open.visitorToken; }},
    sent: () => person.sent, keep: (sent) => (person.sent = sent), now: () => personFields(person), fields: () => personFields(person),
    wrote(sent, answer) {
      if (answer?.record?.conflicts === 0) open.visitorToken = answer.record.token;
      person.stored = sent.now;
    },
  };
  const parts = [
    partOf('登记', open.entry, entryFields, (json) => entryEdit(readJson(VisitEntrySchema, json))),
    visitor,
    ...open.matters.map((m) => partOf(`事项 ${m.number}`, m, matterFields, (json) => matterEdit(readJson(MatterSchema, json)))),
  ] as Part<unknown>[];
  const outcome: Outcome = {saved: [], unsure: [], missed: [], error: undefined};
  for (const part of parts) {
    if (outcome.error !== undefined) {
      if (part.fields() !== '') outcome.missed.push(part.name);
      continue;
    }
    try {
      if (await write(part, user, send)) outcome.saved.push(part.name);
    } catch (error) {
      outcome.error = error ?? new Error();
      outcome[isUnreachable(error) ? 'unsure' : 'missed'].push(part.name);
    }
  }
  return outcome;
}

// What is saved and what is not, and why; '' if everything is saved.
export function outcomeText(outcome: Outcome, why: string): string {
  if (outcome.error === undefined) return '';
  const parts = [['已保存', outcome.saved], ['不知是否已保存', outcome.unsure], ['没有保存', outcome.missed]] as const;
  return `${parts.filter(([, names]) => names.length).map(([what, names]) => `${what}：${names.join('、')}`).join('；')}。${why}`;
}

// What an open edit of a visit holds, as it lies in its draft: what the screen was loaded with, the tokens that say so, and
// what was typed since. A draft that comes back brings its own tokens, so that whatever was changed meanwhile shows as a
// conflict and is not written over.
import type {VisitView} from '@gen/views_pb';
import {Intent, blankIntent, type IntentState} from '@liaison/action';
import {entryEdit, entryFields, matterEdit, matterFields, type EntryEdit, type MatterEdit} from './edit';

export interface Piece<T> {
  id: string;
  token: string;
  before: T;
  now: T;
  stored: string;  // the fields that were written already
  intent: IntentState;
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
  stored: string;
  intent: IntentState;
}

export function editOf(visit: VisitView): EditOpen {
  const piece = <T extends object>(id: string, token: string, value: T): Piece<T> => ({
    id, token, before: value, now: {...value}, stored: '', intent: blankIntent(),
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

export const blankPerson = (): EditPersonal => ({name: '', phone: '', stored: '', intent: blankIntent()});

export function personFields(person: EditPersonal): string {
  const given = (['name', 'phone'] as const).filter((field) => person[field].trim() !== '');
  return given.length === 0 ? '' : JSON.stringify(Object.fromEntries(given.map((field) => [field, person[field]])));
}

// Nothing differs from what the screen was loaded with: there is no draft to keep.
export function isUntouched(open: EditOpen, person: EditPersonal): boolean {
  return open.headcount === String(open.entry.before.headcount) && entryFields(open.entry.before, open.entry.now) === '' &&
    open.matters.every((m) => matterFields(m.before, m.now) === '') && personFields(person) === '';
}

export interface Change {
  actionId: string;
  id: string;
  token: string;
  fields: string;
  user: string;
}

// Writes what differs, each record by an action of its own. What was written and is unchanged since is passed over when
// it is called again after an error; the action id of what got no answer is the same again.
export async function writeEdit(
  open: EditOpen, person: EditPersonal, visitorId: string, user: string, send: (change: Change) => Promise<unknown>,
): Promise<void> {
  const write = async (work: {stored: string; intent: IntentState}, id: string, token: string, fields: string): Promise<void> => {
    if (fields === '' || fields === work.stored) return;
    const content = {id, token, fields, user};
    await send({actionId: new Intent(work.intent).idFor(content), ...content});
    work.stored = fields;
  };
  await write(open.entry, open.entry.id, open.entry.token, entryFields(open.entry.before, open.entry.now));
  await write(person, visitorId, open.visitorToken, personFields(person));
  for (const m of open.matters) await write(m, m.id, m.token, matterFields(m.before, m.now));
}

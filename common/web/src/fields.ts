// Fields that the schema places on forms, pages and lists (FormPart in options.proto). Pages have a control, a line and a
// column for each of them without naming it.
import {ScalarType, getOption, type DescField, type DescMessage} from '@bufbuild/protobuf';
import {FormPart, Format, f} from '@gen/options_pb';
import {choices, labelOf, nameOf, type Choice} from './labels';

export type Value = string | number | boolean;
export type Values = Record<string, Value>;

export interface FormField {
  name: string;   // in the schema
  local: string;  // in the generated messages
  label: string;
  kind: 'text' | 'day' | 'time' | 'choice' | 'tick';
  limit: number;  // of texts, in characters
  choices: Choice[];
  blank: Value;   // of a new record: a required choice starts as its first
  textOf: (value: Value) => string;  // for people; of a tick 是 or nothing
  nameOf: (value: number) => string;  // of a choice's value, as protobuf JSON writes it
}

// The fields of a part in the order of their numbers; `columns`: only those that are columns of lists.
export function fieldsIn(desc: DescMessage, part: FormPart, columns = false): FormField[] {
  return desc.fields
    .filter((x) => getOption(x, f).form === part && (!columns || getOption(x, f).column))
    .sort((a, b) => a.number - b.number)
    .map(formField);
}

export function formField(field: DescField): FormField {
  const rules = getOption(field, f);
  const made = {name: field.name, local: field.localName, label: rules.label, limit: rules.maxChars || 200, nameOf: String};
  if (field.fieldKind === 'enum') {
    const all = choices(field.enum);
    const blank = rules.required ? (all[0]?.value ?? 0) : 0;
    return {...made, kind: 'choice', choices: all, blank, textOf: (value) => labelOf(field.enum, Number(value)), nameOf: (value) => nameOf(field.enum, value)};
  }
  if (field.fieldKind === 'scalar' && field.scalar === ScalarType.BOOL) {
    return {...made, kind: 'tick', choices: [], blank: false, textOf: (value) => (value ? '是' : '')};
  }
  const kind = rules.format === Format.DATE ? 'day' : rules.format === Format.TIME ? 'time' : 'text';
  return {...made, kind, choices: [], blank: '', textOf: String};
}

// What a record or an edit holds of these fields, under the names that `key` says.
export function valuesOf(fields: FormField[], from: object | undefined, key: 'name' | 'local'): Values {
  return Object.fromEntries(fields.map((x) => [x[key], (from as Values | undefined)?.[x.local] ?? x.blank]));
}

export function textIn(field: FormField, record: object | undefined): string {
  return field.textOf((record as Values | undefined)?.[field.local] ?? '');
}

// Nothing was said: such a field needs no line of its own.
export function isSaid(field: FormField, record: object | undefined): boolean {
  return !!(record as Values | undefined)?.[field.local];
}

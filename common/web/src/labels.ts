// Chinese names and limits as the schema gives them. Nothing here is written twice.
import {getOption, type DescEnum, type DescMessage} from '@bufbuild/protobuf';
import {f, label} from '@gen/options_pb';

export interface Choice {
  value: number;
  name: string;
  label: string;
}

// The values of an enum with their Chinese names. The value 0 is left out when it means "not said".
export function choices(desc: DescEnum): Choice[] {
  return desc.values
    .map((v) => ({value: v.number, name: v.name, label: getOption(v, label)}))
    .filter((c) => c.label !== '' && c.label !== '未定');
}

export function labelOf(desc: DescEnum, value: number): string {
  const found = desc.value[value];
  return found ? getOption(found, label) : '不认识的值';
}

// The enum value's name in the schema, as protobuf JSON writes it.
export function nameOf(desc: DescEnum, value: number): string {
  return desc.value[value]?.name ?? String(value);
}

// The Chinese name of a field, by its name in the schema.
export function fieldLabel(desc: DescMessage, name: string): string {
  const field = desc.fields.find((x) => x.name === name);
  return field ? getOption(field, f).label : name;
}

// The limit of a text in characters; the schema's default is 200.
export function maxChars(desc: DescMessage, name: string): number {
  const field = desc.fields.find((x) => x.name === name);
  return (field && getOption(field, f).maxChars) || 200;
}

// What logging in asks for, in words: six digits at a station, a password at the hub, and the code of a slip. Apart from
// the panels, so that it can be tested without them.
import {halfWidth} from './dates';

export interface SecretRules {
  secretCharacters: number;
  digitsOnly: boolean;
}

const NUMERALS = '零一二三四五六七八九十';

// 六位数字, or 密码.
export function secretText({secretCharacters, digitsOnly}: SecretRules): string {
  return digitsOnly ? `${NUMERALS[secretCharacters] ?? secretCharacters}位数字` : '密码';
}

// As it is sent. A PIN is digits, however they were typed; of a password nothing is changed.
export function secretTyped(text: string, {digitsOnly}: SecretRules): string {
  return digitsOnly ? halfWidth(text).replace(/\s/g, '') : text;
}

// A PIN that has all its digits is sent by itself.
export function isWhole(text: string, rules: SecretRules): boolean {
  return rules.digitsOnly && new RegExp(`^\\d{${rules.secretCharacters}}$`).test(secretTyped(text, rules));
}

// Why a new secret cannot be one; '' if it can. What is too easy to guess only the daemon knows.
export function newSecretProblem(text: string, again: string, rules: SecretRules): string {
  const secret = secretTyped(text, rules);
  const {secretCharacters: wanted, digitsOnly} = rules;
  const length = Array.from(secret).length;
  if (length === 0) return `请设${secretText(rules)}`;
  if (digitsOnly && !/^\d+$/.test(secret)) return '只能用数字';
  if (digitsOnly && length > wanted) return `多了 ${length - wanted} 位，要${secretText(rules)}`;
  if (length < wanted) return digitsOnly ? `还差 ${wanted - length} 位，要${secretText(rules)}` : `密码至少 ${wanted} 个字，还差 ${wanted - length} 个`;
  if (secret !== secretTyped(again, rules)) return '两次输的不一样，请再输一遍';
  return '';
}

// The code of a slip as it is read out: 7k2mc9qx41tb and 7K2M C9QX 41TB are 7K2M-C9QX-41TB. What is no such code stays as
// it is; the daemon says what is wrong with it.
export function slipCode(text: string): string {
  const bare = halfWidth(text).toUpperCase().replace(/[\s\-—－]/g, '');
  return /^[0-9A-Z]{12}$/.test(bare) ? (bare.match(/.{4}/g) ?? []).join('-') : text.trim();
}

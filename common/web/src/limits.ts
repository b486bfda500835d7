// How long a text may be. A limit is said while typing and refused when saving; nothing is ever cut to it.
export function charsOver(text: string, limit: number): number {
  return Math.max(0, Array.from(text.trim()).length - limit);
}

// '' or "415 字超出，最多 4000 字，超出时不能保存".
export function overText(text: string, limit: number): string {
  const over = charsOver(text, limit);
  return over > 0 ? `${over} 字超出，最多 ${limit} 字，超出时不能保存` : '';
}

// The first text that is over its limit, as a sentence that names it; '' if none is.
export function firstOver(texts: [label: string, text: string, limit: number][]): string {
  for (const [label, text, limit] of texts) {
    const over = overText(text, limit);
    if (over) return `${label}：${over}`;
  }
  return '';
}

// Line breaks of word processors and old systems are line breaks.
export function lineBreaks(text: string): string {
  return text.replace(/\r\n?|[\u000b\u000c\u0085\u2028\u2029]/g, '\n');
}

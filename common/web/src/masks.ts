// What of a person a page may show. The daemon masks; the page must not undo it, nor take a masked text for a name.
export function isMasked(text: string): boolean {
  return /[*\uff0a]/.test(text);
}

// The visitor as lists and prints name them. Who asked for confidence is on no list and no print.
export function visitorText(visit: {entry?: {anonymous: boolean; confidential: boolean}; visitorName: string}): string {
  if (visit.entry?.anonymous) return '匿名';
  if (visit.entry?.confidential) return '要求保密';
  if (visit.visitorName === '') return '匿名';
  return visit.visitorName;
}

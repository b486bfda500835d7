// First letters of Chinese names, from the browser's own pinyin order: no table, good enough to filter a list of
// deputies by. Characters with several readings go by the commonest.
const LETTERS = 'ABCDEFGHJKLMNOPQRSTWXYZ';
const FIRSTS = '阿八嚓哒妸发旮哈讥咔垃痳拏噢妑七呥仨他穵夕丫帀';
const order = new Intl.Collator('zh-Hans-CN-u-co-pinyin');

export function initials(text: string): string {
  return Array.from(text, (c) => {
    if (!/[\u4e00-\u9fff]/.test(c)) return c.toUpperCase();
    let letter = '';
    for (let i = 0; i < FIRSTS.length && order.compare(FIRSTS[i], c) <= 0; i++) letter = LETTERS[i];
    return letter;
  }).join('');
}

// Whether a filter typed by a person, characters or initials, fits a name.
export function nameFits(name: string, filter: string): boolean {
  const wanted = filter.trim();
  return wanted === '' || name.includes(wanted) || initials(name).startsWith(wanted.toUpperCase());
}

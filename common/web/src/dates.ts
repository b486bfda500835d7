// Business dates as YYYY-MM-DD. "Today" is the daemon's, never the browser's.
export interface Period {
  from: string;
  to: string;
}

export function addDays(date: string, days: number): string {
  const d = new Date(`${date}T00:00:00Z`);
  d.setUTCDate(d.getUTCDate() + days);
  return d.toISOString().slice(0, 10);
}

export function firstHalf(today: string): Period {
  const year = today.slice(0, 4);
  return {from: `${year}-01-01`, to: `${year}-06-30`};
}

export function wholeYear(today: string): Period {
  const year = today.slice(0, 4);
  return {from: `${year}-01-01`, to: `${year}-12-31`};
}

export function lastDays(today: string, days: number): Period {
  return {from: addDays(today, 1 - days), to: today};
}

// 2026-11-20 as 2026年11月20日.
export function longDate(date: string): string {
  const m = /^(\d{4})-(\d{2})-(\d{2})$/.exec(date);
  return m ? `${m[1]}年${Number(m[2])}月${Number(m[3])}日` : date;
}

// A moment in the township's time zone.
export function moment(ms: bigint | number): string {
  const n = Number(ms);
  if (n <= 0) return '—';
  return new Date(n + 8 * 3_600_000).toISOString().slice(0, 16).replace('T', ' ');
}

// HH:MM in the township's time zone.
export function clock(ms: number): string {
  return moment(ms).slice(11);
}

export function ago(ms: bigint | number, now: number): string {
  const then = Number(ms);
  if (then <= 0) return '从未';
  const minutes = Math.floor((now - then) / 60_000);
  if (minutes < 1) return '刚刚';
  if (minutes < 60) return `${minutes} 分钟前`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} 小时前`;
  return `${Math.floor(hours / 24)} 天前`;
}

// What a person types for a day: 2026-11-20, 2026/11/20, 2026年11月20日, 20261120. Null if it is no day that exists.
export function readDate(text: string): string | null {
  const t = halfWidth(text);
  const m = /^(\d{4})(\d{2})(\d{2})$/.exec(t) ?? /^(\d{4})\D+(\d{1,2})\D+(\d{1,2})\D*$/.exec(t);
  if (!m) return null;
  const date = `${m[1]}-${m[2].padStart(2, '0')}-${m[3].padStart(2, '0')}`;
  const parsed = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().slice(0, 10) === date ? date : null;
}

// What a person types for a time of day: 9:30, 0930, 930, 9点30, 9点. Empty stays empty; null if it is none.
export function readTime(text: string): string | null {
  const t = halfWidth(text);
  if (t === '') return '';
  const m = /^(\d{1,2})(\d{2})$/.exec(t) ?? /^(\d{1,2})\D+(\d{1,2})\D*$/.exec(t) ?? /^(\d{1,2})[:\uff1a点时]?()$/.exec(t);
  if (!m) return null;
  const [hour, minute] = [Number(m[1]), Number(m[2] || '0')];
  if (hour > 23 || minute > 59) return null;
  return `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
}

export function halfWidth(text: string): string {
  return text.replace(/[\uff01-\uff5e]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0)).trim();
}

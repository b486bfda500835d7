// A half-typed record survives a closed tab, a crash and a power cut. It is written at most `delayMs` after the last
// key, restored once, and removed when the record has been stored.
//
// A visitor's name and number never stand on a disk in clear: that part goes through the Sealer, and where a browser
// offers none it is left out of the draft.
import type {Claims} from './claims';
import {clock} from './dates';

export interface KeyValue {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
  readonly length: number;
  key(index: number): string | null;
}

export interface Sealer {
  seal(text: string): Promise<string>;
  open(sealed: string): Promise<string>;
}

export interface Restored<Open, Private> {
  open: Open;
  personal: Private | null;
  savedAt: number;
  personalLost: boolean;  // there was a personal part and it cannot be read back
}

interface Stored<Open> {
  version: 1;
  savedAt: number;
  open: Open;
  sealed: string;
  hadPersonal: boolean;
}

export class DraftStore<Open, Private> {
  private timer: ReturnType<typeof setTimeout> | null = null;
  private waiting: {open: string; personal: string} | null = null;
  private generation = 0;

  // `storage` may throw (full or forbidden): `failed` then becomes true and typing goes on. `onChange` is told of both.
  failed = false;
  onChange: () => void = () => undefined;

  constructor(
    readonly key: string,
    private readonly storage: KeyValue,
    private readonly sealer: Sealer | null,
    private readonly delayMs = 400,
  ) {}

  // Takes a copy now, writes it soon. A `personal` of null means that there is none.
  save(open: Open, personal: Private | null): void {
    this.waiting = {open: JSON.stringify(open), personal: personal === null ? '' : JSON.stringify(personal)};
    // The timer is not pushed back by further keys: who types without a pause is saved all the same.
    this.timer ??= setTimeout(() => void this.flush(), this.delayMs);
  }

  // Writes what waits. The open part is on the disk when this returns; the sealed part when the promise is kept.
  async flush(): Promise<void> {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    const draft = this.waiting;
    if (!draft) return;
    this.waiting = null;
    const generation = ++this.generation;
    const savedAt = Date.now();
    const before = this.read();
    this.write(draft, draft.personal === '' ? '' : (before?.sealed ?? ''), savedAt);
    if (draft.personal === '' || !this.sealer) return;
    try {
      const sealed = await this.sealer.seal(draft.personal);
      // A clear() or a newer draft came while sealing: writing now would bring back what is over.
      if (generation === this.generation) this.write(draft, sealed, savedAt);
    } catch {
      this.fail(true);
    }
  }

  async load(): Promise<Restored<Open, Private> | null> {
    const stored = this.read();
    if (!stored) return null;
    let personal: Private | null = null;
    if (stored.sealed && this.sealer) {
      try {
        personal = JSON.parse(await this.sealer.open(stored.sealed)) as Private;
      } catch {
        personal = null;  // sealed by a key that this browser no longer has
      }
    }
    return {
      open: stored.open,
      personal,
      savedAt: stored.savedAt,
      personalLost: stored.hadPersonal && personal === null,
    };
  }

  clear(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    this.waiting = null;
    this.generation++;
    try {
      this.storage.removeItem(this.key);
    } catch {
      this.fail(true);
    }
  }

  private fail(failed: boolean): void {
    if (failed === this.failed) return;
    this.failed = failed;
    this.onChange();
  }

  private read(): Stored<Open> | null {
    try {
      const text = this.storage.getItem(this.key);
      const stored = text ? (JSON.parse(text) as Stored<Open>) : null;
      return stored?.version === 1 ? stored : null;
    } catch {
      return null;
    }
  }

  private write(draft: {open: string; personal: string}, sealed: string, savedAt: number): void {
    const stored = {version: 1, savedAt, open: JSON.parse(draft.open), sealed, hadPersonal: draft.personal !== ''};
    try {
      this.storage.setItem(this.key, JSON.stringify(stored));
      this.fail(false);
    } catch {
      this.fail(true);
    }
  }
}

function savedAtOf(text: string | null): number | null {
  try {
    const stored = JSON.parse(text ?? 'null') as {version?: number; savedAt?: number} | null;
    return stored?.version === 1 ? (stored.savedAt ?? 0) : null;
  } catch {
    return null;
  }
}

// The drafts of all open forms of a kind, in one browser. Each form has its own; one whose page is gone is taken over,
// with its action id, by the next form that is opened.
export class DraftShelf<Open, Private> {
  constructor(
    private readonly prefix: string,
    private readonly storage: KeyValue,
    private readonly sealer: Sealer | null,
    private readonly claims: Claims,
    private readonly delayMs = 400,
  ) {}

  // The newest draft that no open form holds, else a place for a new one; nobody else gets it before free(). `empty`: a
  // new place in any case.
  async take(empty = false): Promise<DraftStore<Open, Private>> {
    const left = this.left();
    if (!empty) for (const {key} of left) if (await this.claims.take(key)) return this.at(key);
    const used = left.some(({key}) => key === this.prefix);
    if (!used && (await this.claims.take(this.prefix))) return this.at(this.prefix);
    const key = `${this.prefix}.${Date.now().toString(36)}${Math.random().toString(36).slice(2, 10)}`;
    await this.claims.take(key);
    return this.at(key);
  }

  free(draft: DraftStore<Open, Private>): void {
    this.claims.free(draft.key);
  }

  // Drafts with something in them that no other page holds, beside `own`.
  async others(own: DraftStore<Open, Private>): Promise<number> {
    let count = 0;
    for (const {key} of this.left()) {
      if (key === own.key || !(await this.claims.take(key))) continue;
      this.claims.free(key);
      count++;
    }
    return count;
  }

  private at(key: string): DraftStore<Open, Private> {
    return new DraftStore(key, this.storage, this.sealer, this.delayMs);
  }

  private left(): {key: string; savedAt: number}[] {
    return draftsUnder(this.storage, this.prefix);
  }
}

// All drafts of a prefix, the newest first.
function draftsUnder(storage: KeyValue, prefix: string): {key: string; savedAt: number}[] {
  const found: {key: string; savedAt: number}[] = [];
  try {
    for (let i = 0; i < storage.length; i++) {
      const key = storage.key(i);
      if (key === null || (key !== prefix && !key.startsWith(`${prefix}.`))) continue;
      const savedAt = savedAtOf(storage.getItem(key));
      if (savedAt !== null) found.push({key, savedAt});
    }
  } catch {
    return found;  // a browser that forbids its storage
  }
  return found.sort((a, b) => b.savedAt - a.savedAt);
}

// Where somebody's drafts of a kind of form stand (`of`: of one record). Nobody finds those of another account. `account`
// is empty where nobody has to log in.
export function draftPrefix(kind: string, account: string, of = ''): string {
  return [account === '' ? kind : `${kind}@${account}`, of].filter((part) => part !== '').join('.');
}

// Drafts of a time before logins, which are nobody's, become those of `to`, but for those that an open page holds.
export async function adoptDrafts(storage: KeyValue, claims: Claims, from: string, to: string): Promise<void> {
  for (const {key} of draftsUnder(storage, from)) {
    if (!(await claims.take(key))) continue;
    try {
      const text = storage.getItem(key);
      if (text !== null) {
        storage.setItem(`${to}.${Math.random().toString(36).slice(2, 12)}`, text);
        storage.removeItem(key);
      }
    } catch {
      // A full storage: it stays where it is, and is taken over another time.
    }
    claims.free(key);
  }
}

export interface DraftedForm<Open, Private> {
  isBlank(): boolean;
  fill(draft: Restored<Open, Private>): void;
}

// "已恢复 09:20 没保存完的内容".
export function restoredText(draft: {savedAt: number; personalLost: boolean}, what: string): string {
  return `已恢复 ${clock(draft.savedAt)} 没保存完的${what}${draft.personalLost ? '；姓名和电话请重新填写' : ''}`;
}

// The one draft that an open form holds, until the form is left, whatever it was doing then.
export class DraftPlace<Open, Private> {
  private held: DraftStore<Open, Private> | null = null;
  private gone = false;

  constructor(private readonly shelf: DraftShelf<Open, Private>) {}

  // Takes a draft as take() does and gives back the one before. Null: the form was left meanwhile, and holds nothing.
  async open(empty = false): Promise<DraftStore<Open, Private> | null> {
    const taken = await this.shelf.take(empty);
    if (this.gone) {
      this.shelf.free(taken);
      return null;
    }
    if (this.held) this.shelf.free(this.held);
    this.held = taken;
    return taken;
  }

  // Takes a draft as open() does and fills the form from it. A form in which somebody was faster than the disk keeps what
  // was typed, in a place of its own. Null as above.
  async restore(form: DraftedForm<Open, Private>): Promise<DraftStore<Open, Private> | null> {
    const taken = await this.open();
    const draft = await taken?.load();
    if (!taken || this.gone) return null;
    if (!draft) return taken;
    if (!form.isBlank()) return this.open(true);
    form.fill(draft);
    return taken;
  }

  // Whoever takes the draft next finds it whole: it is given back when what waits has been sealed and written.
  async leave(): Promise<void> {
    this.gone = true;
    const held = this.held;
    this.held = null;
    if (!held) return;
    await held.flush();
    this.shelf.free(held);
  }
}

// The browser's own, or one that refuses everything where the browser forbids it: a form then says that it keeps no draft.
export function browserStorage(): KeyValue {
  const refuse = (): never => {
    throw new Error('no storage');
  };
  try {
    const storage = globalThis.localStorage;
    void storage.length;
    return storage;
  } catch {
    return {getItem: () => null, setItem: refuse, removeItem: () => undefined, length: 0, key: () => null};
  }
}

// Whether a draft can be written at all, now.
export function canKeep(storage: KeyValue): boolean {
  try {
    storage.setItem('liaison.probe', '1');
    storage.removeItem('liaison.probe');
    return true;
  } catch {
    return false;
  }
}

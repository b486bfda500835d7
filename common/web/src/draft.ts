// A half-typed record survives a closed tab, a crash and a power cut. It is written at most `delayMs` after the last
// key, restored once, and removed when the record has been stored.
//
// A visitor's name and number never stand on a disk in clear: that part goes through the Sealer, and where a browser
// offers none it is left out of the draft.
export interface KeyValue {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
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

  // `storage` may throw (full or forbidden): `failed` then becomes true and typing goes on.
  failed = false;

  constructor(
    private readonly key: string,
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
      this.failed = true;
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
      this.failed = true;
    }
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
      this.failed = false;
    } catch {
      this.failed = true;
    }
  }
}

// Names one intent of a person: 80 random bits as 20 hex digits. Drawn once per intent and kept with what was typed,
// so that a retry after a lost answer is recognised by the daemon and stored once.
export function newActionId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(10));
  return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
}

// The id of an intent whose request is built anew at every try: the same content asks for the same id until done().
export class Intent {
  private content = '';
  private id = '';

  idFor(content: unknown): string {
    const text = JSON.stringify(content);
    if (text !== this.content) {
      this.content = text;
      this.id = newActionId();
    }
    return this.id;
  }

  done(): void {
    this.content = '';
  }
}

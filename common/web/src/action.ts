// Names one intent of a person: 80 random bits as 20 hex digits. Drawn once per intent and kept with what was typed,
// so that a retry after a lost answer is recognised by the daemon and stored once.
export function newActionId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(10));
  return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
}

// The id of an intent whose request is built anew at every try: the same content asks for the same id until done().
// Its state may lie in a draft.
export interface IntentState {
  content: string;
  id: string;
}
export const blankIntent = (): IntentState => ({content: '', id: ''});

export class Intent {
  constructor(private readonly state: IntentState = blankIntent()) {}

  idFor(content: unknown): string {
    const text = JSON.stringify(content);
    if (text !== this.state.content) {
      this.state.content = text;
      this.state.id = newActionId();
    }
    return this.state.id;
  }

  done(): void {
    this.state.content = '';
  }
}

// Enter moves to the next field. An Enter that ends an input method's composition belongs to the input method.
export function isComposing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229;
}

export function isSaveKey(event: KeyboardEvent): boolean {
  return event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !isComposing(event);
}

const STOPS = 'input:not([disabled]), textarea:not([disabled]), select:not([disabled]), [data-enter-stop]:not([disabled])';

// One stop per radio group: the chosen one, else the first.
function stops(form: HTMLElement): HTMLElement[] {
  const seen = new Set<string>();
  return Array.from(form.querySelectorAll<HTMLElement>(STOPS)).filter((el) => {
    if (el.closest('[data-enter-skip]') || el.offsetParent === null) return false;
    if (!(el instanceof HTMLInputElement) || el.type !== 'radio') return true;
    if (seen.has(el.name)) return false;
    const chosen = form.querySelector<HTMLInputElement>(`input[type=radio][name="${CSS.escape(el.name)}"]:checked`);
    if (chosen && chosen !== el) return false;
    seen.add(el.name);
    return true;
  });
}

// For @keydown on a form. Shift+Enter in a text area is a line break, Enter on a button presses it.
export function moveOnEnter(event: KeyboardEvent): void {
  if (event.key !== 'Enter' || isComposing(event)) return;
  if (event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) return;
  const target = event.target as HTMLElement;
  if (target.closest('button, a, summary')) return;
  event.preventDefault();
  const all = stops(event.currentTarget as HTMLElement);
  all[all.indexOf(target) + 1]?.focus();
}

// A form as the service prints it (PrintService), shown inside a page: its style holds for it alone, and its paper size
// for the page as long as it is shown. What it says is text that the service has escaped; nothing in it runs or loads.

// Returns what takes it away again.
export function showSheet(host: HTMLElement, html: string): () => void {
  const form = new DOMParser().parseFromString(html, 'text/html');
  const css = [...form.querySelectorAll('style')].map((one) => one.textContent ?? '').join('\n');
  const style = document.createElement('style');
  style.textContent = css;
  const root = host.shadowRoot ?? host.attachShadow({mode: 'open'});
  root.replaceChildren(style, document.importNode(form.body, true));
  const paper = document.createElement('style');  // rules of paper count in the document only
  paper.textContent = paperRules(css);
  document.head.append(paper);
  return () => {
    paper.remove();
    root.replaceChildren();
  };
}

export function paperRules(css: string): string {
  return (css.match(/@page\s*\{[^}]*\}/g) ?? []).join('\n');
}

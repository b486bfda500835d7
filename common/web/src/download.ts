export function download(name: string, mime: string, content: Uint8Array): void {
  const address = URL.createObjectURL(new Blob([content as Uint8Array<ArrayBuffer>], {type: mime}));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

// The clipboard needs a secure page; the older way works everywhere.
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    return done;
  }
}

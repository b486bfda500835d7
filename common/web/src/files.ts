// Photos and scanned files: made small enough for a thin link before they are stored.
import {FileState} from '@gen/views_pb';
import {TOKEN_HEADER, files, pass} from './api';

export const ACCEPT = 'image/jpeg,image/png,image/webp,application/pdf';
const SIDE_MAX = 1600;
const PHOTO_BYTES = 300 * 1024;

// A name as long as a record holds it: of a longer one the middle is left out, visibly, and the ending stays.
export function shortName(name: string, limit = 100): string {
  const chars = Array.from(name);
  return chars.length <= limit ? name : [...chars.slice(0, limit - 13), '…', ...chars.slice(-12)].join('');
}

export function fileStateText(state: FileState): string {
  switch (state) {
    case FileState.FILE_SAVED:
      return '已保存';
    case FileState.FILE_DELIVERED:
      return '已送达';
    case FileState.FILE_AWAITED:
      return '待取';
    default:
      return '';
  }
}

function jpegOf(canvas: HTMLCanvasElement, quality: number): Promise<Blob | null> {
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', quality));
}

// A photo at most SIDE_MAX on its longer side, at about PHOTO_BYTES. What is small already, or is no photo, stays as it is.
export async function shrink(file: Blob): Promise<Blob> {
  if (!file.type.startsWith('image/') || file.size <= PHOTO_BYTES) return file;
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, SIDE_MAX / Math.max(picture.width, picture.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext('2d')?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  let best: Blob = file;
  for (const quality of [0.8, 0.65, 0.5, 0.35]) {
    const made = await jpegOf(canvas, quality);
    if (made && made.size < best.size) best = made;
    if (best.size <= PHOTO_BYTES) break;
  }
  return best;
}

// Where a picture or a link finds the stored file. Whoever has logged in must show it, which a plain address cannot do: the
// file is fetched then, and the address is this page's own, until freeAddress(). Fails if it cannot be had.
export async function fileAddress(hash: string): Promise<string> {
  if (pass.token === '') return `/files/${hash}`;
  const answer = await fetch(`/files/${hash}`, {headers: {[TOKEN_HEADER]: pass.token}});
  if (!answer.ok) throw new Error(`照片、文件取不出来（${answer.status}）`);
  return URL.createObjectURL(await answer.blob());
}
export function freeAddress(address: string): void {
  if (address.startsWith('blob:')) URL.revokeObjectURL(address);
}

// The file on this machine's disk; its hash.
export async function storeFile(file: Blob): Promise<string> {
  const small = await shrink(file);
  return (await files.storeFile({content: new Uint8Array(await small.arrayBuffer())})).hash;
}

// Seals the personal part of a draft with AES-GCM under a key that this browser keeps and no script can read out.
// It keeps names off the disk in clear; it does not protect from somebody who takes the disk and the browser's profile.
import type {Sealer} from './draft';

const DATABASE = 'liaison-draft-key';

function request<T>(r: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    r.onsuccess = () => resolve(r.result);
    r.onerror = () => reject(r.error);
  });
}

async function loadKey(): Promise<CryptoKey> {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore('keys');
  const database = await request(opening);
  const found = (await request(database.transaction('keys').objectStore('keys').get('draft'))) as CryptoKey | undefined;
  if (found) return found;
  const key = await crypto.subtle.generateKey({name: 'AES-GCM', length: 256}, false, ['encrypt', 'decrypt']);
  await request(database.transaction('keys', 'readwrite').objectStore('keys').put(key, 'draft'));
  return key;
}

const toText = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));
const toBytes = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

// Null where the browser has no such key store: a page over plain HTTP from another machine.
export async function browserSealer(): Promise<Sealer | null> {
  if (!globalThis.isSecureContext || !globalThis.indexedDB || !globalThis.crypto?.subtle) return null;
  try {
    const key = await loadKey();
    return {
      async seal(text) {
        const iv = crypto.getRandomValues(new Uint8Array(12));
        const sealed = await crypto.subtle.encrypt({name: 'AES-GCM', iv}, key, new TextEncoder().encode(text));
        return `${toText(iv)}.${toText(new Uint8Array(sealed))}`;
      },
      async open(sealed) {
        const [iv, body] = sealed.split('.');
        const text = await crypto.subtle.decrypt({name: 'AES-GCM', iv: toBytes(iv)}, key, toBytes(body));
        return new TextDecoder().decode(text);
      },
    };
  } catch {
    return null;
  }
}

// Node 18 has the browser's crypto object, but not under its name.
import {webcrypto} from 'node:crypto';

if (!globalThis.crypto) Object.defineProperty(globalThis, 'crypto', {value: webcrypto});

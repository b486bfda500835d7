// Which open page holds a draft. Without this two tabs would fill one draft in turns and save under one action id.
export interface Claims {
  take(name: string): Promise<boolean>;  // false: it is held, here or by another page
  free(name: string): void;
}

// Held by the browser itself: it lets go when the page ends, however it ends.
function byLocks(locks: LockManager): Claims {
  const held = new Map<string, () => void>();
  return {
    take: (name) =>
      new Promise((resolve) => {
        if (held.has(name)) return resolve(false);
        void locks.request(name, {ifAvailable: true}, (lock) => {
          resolve(lock !== null);
          return lock === null ? undefined : new Promise<void>((release) => held.set(name, release));
        }).catch(() => resolve(true));  // a browser that forbids storage forbids locks too: there is no draft to share
      }),
    free(name) {
      held.get(name)?.();
      held.delete(name);
    },
  };
}

const ANSWER_MS = 200;

// Over plain HTTP from another machine there are no locks: open pages answer for what they hold. Of two that ask at
// once the one with the smaller number wins.
export function byAsking(channel: BroadcastChannel): Claims {
  const held = new Set<string>();
  const asking = new Map<string, number>();
  const lost = new Set<string>();
  channel.onmessage = ({data}: MessageEvent<{kind: 'ask' | 'held'; name: string; number: number}>) => {
    if (data.kind === 'held') lost.add(data.name);
    const mine = asking.get(data.name);
    const first = held.has(data.name) || (mine !== undefined && mine < data.number);
    if (data.kind === 'ask' && !first && mine !== undefined) lost.add(data.name);
    if (data.kind === 'ask' && first) channel.postMessage({kind: 'held', name: data.name, number: 0});
  };
  return {
    async take(name) {
      if (held.has(name) || asking.has(name)) return false;
      lost.delete(name);
      const number = Math.random();
      asking.set(name, number);
      channel.postMessage({kind: 'ask', name, number});
      await new Promise((resolve) => setTimeout(resolve, ANSWER_MS));
      asking.delete(name);
      if (lost.has(name)) return false;
      held.add(name);
      return true;
    },
    free: (name) => void held.delete(name),
  };
}

function ofThisBrowser(): Claims {
  if (globalThis.navigator?.locks) return byLocks(navigator.locks);
  if (globalThis.BroadcastChannel) return byAsking(new BroadcastChannel('liaison.draft'));
  return {take: async () => true, free: () => undefined};
}

// One for the page: a form that is left leaves no channel behind that goes on answering.
let ours: Claims | null = null;
export function browserClaims(): Claims {
  ours ??= ofThisBrowser();
  return ours;
}

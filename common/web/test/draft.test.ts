import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest';
import {byAsking, type Claims} from '@liaison/claims';
import {DraftPlace, DraftShelf, DraftStore, adoptDrafts, canKeep, draftPrefix, type KeyValue, type Sealer} from '@liaison/draft';

interface Open {
  actionId: string;
  words: string;
}
interface Personal {
  name: string;
}

class Memory implements KeyValue {
  map = new Map<string, string>();
  full = false;
  getItem(key: string): string | null {
    return this.map.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    if (this.full) throw new Error('full');
    this.map.set(key, value);
  }
  removeItem(key: string): void {
    this.map.delete(key);
  }
  get length(): number {
    return this.map.size;
  }
  key(index: number): string | null {
    return [...this.map.keys()][index] ?? null;
  }
}
const mirror: Sealer = {
  seal: async (text) => [...text].reverse().join(''),
  open: async (text) => [...text].reverse().join(''),
};
const open: Open = {actionId: 'ab', words: '水渠垮了'};
const store = (memory: Memory, sealer: Sealer | null = mirror): DraftStore<Open, Personal> => new DraftStore('d', memory, sealer, 400);

describe('draft', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('WhatWasTypedIsOnTheDiskWithinASecond', async () => {
    const memory = new Memory();
    store(memory).save(open, null);
    await vi.advanceTimersByTimeAsync(999);
    expect((await store(memory).load())?.open).toEqual(open);
  });
  test('TypingWithoutAPauseIsSavedAllTheSame', async () => {
    const memory = new Memory();
    const drafts = store(memory);
    for (let i = 0; i < 10; i++) {
      drafts.save({...open, words: '字'.repeat(i + 1)}, null);
      await vi.advanceTimersByTimeAsync(100);
    }
    expect((await store(memory).load())!.open.words.length).toBeGreaterThanOrEqual(8);
  });
  test('TheActionIdComesBackWithTheDraft', async () => {
    const memory = new Memory();
    const drafts = store(memory);
    drafts.save(open, {name: '王建国'});
    await drafts.flush();
    const back = await store(memory).load();
    expect(back?.open.actionId).toBe('ab');
    expect(back?.personal).toEqual({name: '王建国'});
    expect(back?.personalLost).toBe(false);
  });
  test('ANameNeverStandsInClear', async () => {
    const memory = new Memory();
    const drafts = store(memory);
    drafts.save(open, {name: '王建国'});
    await drafts.flush();
    expect([...memory.map.values()].join()).not.toContain('王建国');
    expect([...memory.map.values()].join()).toContain('水渠垮了');
  });
  test('WithoutASealerTheNameIsLeftOutAndThisIsSaid', async () => {
    const memory = new Memory();
    const drafts = store(memory, null);
    drafts.save(open, {name: '王建国'});
    await drafts.flush();
    expect([...memory.map.values()].join()).not.toContain('王建国');
    const back = await store(memory, null).load();
    expect(back?.open).toEqual(open);
    expect(back?.personal).toBeNull();
    expect(back?.personalLost).toBe(true);
  });
  test('AClearedDraftStaysCleared', async () => {
    const memory = new Memory();
    const drafts = store(memory);
    drafts.save(open, null);
    drafts.clear();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await store(memory).load()).toBeNull();
  });
  test('ASealThatEndsAfterClearWritesNothing', async () => {
    const memory = new Memory();
    let finish: (text: string) => void = () => {};
    const slow: Sealer = {...mirror, seal: () => new Promise((resolve) => (finish = resolve))};
    const drafts = store(memory, slow);
    drafts.save(open, {name: '王建国'});
    const flushed = drafts.flush();
    drafts.clear();
    finish('x');
    await flushed;
    expect(await store(memory).load()).toBeNull();
  });
  test('AFullStorageIsReportedAndHarmsNothing', async () => {
    const memory = new Memory();
    memory.full = true;
    const drafts = store(memory);
    drafts.save(open, null);
    await drafts.flush();
    expect(drafts.failed).toBe(true);
    memory.full = false;
    drafts.save(open, null);
    await drafts.flush();
    expect(drafts.failed).toBe(false);
  });
  test('RubbishInTheStorageIsNoDraft', async () => {
    const memory = new Memory();
    memory.map.set('d', '{"version":');
    expect(await store(memory).load()).toBeNull();
    memory.map.set('d', '{"version":7}');
    expect(await store(memory).load()).toBeNull();
  });
});

// Open pages of one browser, each with what it holds.
class Browser {
  holders = new Map<string, object>();
  page(): Claims & {end(): void} {
    const me = {};
    return {
      take: async (name) => {
        if (this.holders.has(name)) return false;
        this.holders.set(name, me);
        return true;
      },
      free: (name) => void this.holders.delete(name),
      end: () => {
        for (const [name, holder] of this.holders) if (holder === me) this.holders.delete(name);
      },
    };
  }
}

describe('drafts of several tabs', () => {
  const shelf = (memory: Memory, claims: Claims): DraftShelf<Open, Personal> => new DraftShelf('liaison.draft', memory, mirror, claims);

  test('TwoTabsNeverShareAnActionIdOrEraseEachOthersWords', async () => {
    const memory = new Memory(), browser = new Browser();
    const [first, second] = [await shelf(memory, browser.page()).take(), await shelf(memory, browser.page()).take()];
    expect(first.key).not.toBe(second.key);
    first.save({actionId: 'a1', words: '水渠垮了'}, null);
    second.save({actionId: 'b2', words: '路灯不亮'}, null);
    await Promise.all([first.flush(), second.flush()]);
    second.clear();  // saved there
    expect((await first.load())?.open).toEqual({actionId: 'a1', words: '水渠垮了'});
    const third = await shelf(memory, browser.page()).take();
    expect(await third.load()).toBeNull();
  });
  test('ATabThatIsGoneLeavesItsDraftToTheNextOne', async () => {
    const memory = new Memory(), browser = new Browser();
    const one = browser.page(), two = browser.page();
    const drafts = [await shelf(memory, one).take(), await shelf(memory, two).take()];
    drafts[0].save({actionId: 'a1', words: '水渠垮了'}, null);
    await drafts[0].flush();
    vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 5_000);
    drafts[1].save({actionId: 'b2', words: '路灯不亮'}, null);
    await drafts[1].flush();
    vi.restoreAllMocks();
    one.end();
    two.end();
    const next = shelf(memory, browser.page());
    const newest = await next.take();
    expect((await newest.load())?.open.actionId).toBe('b2');
    expect(await next.others(newest)).toBe(1);
    const after = await next.take();
    expect((await after.load())?.open.actionId).toBe('a1');
  });
  test('AFormThatIsLeftWhileItTakesItsPlaceHoldsNothing', async () => {
    const memory = new Memory(), browser = new Browser();
    const place = new DraftPlace(shelf(memory, browser.page()));
    const opening = place.open();
    await place.leave();
    expect(await opening).toBeNull();
    expect(browser.holders.size).toBe(0);
    expect((await shelf(memory, browser.page()).take()).key).toBe('liaison.draft');
  });
  test('AFormThatTakesAnotherPlaceGivesTheFirstOneBack', async () => {
    const memory = new Memory(), browser = new Browser();
    const place = new DraftPlace(shelf(memory, browser.page()));
    const first = await place.open();
    first!.save({actionId: 'a1', words: '水渠垮了'}, null);
    await first!.flush();
    const second = await place.open(true);
    expect([...browser.holders.keys()]).toEqual([second!.key]);
    await place.leave();
    expect(browser.holders.size).toBe(0);
  });
  // A form and what it was filled with.
  const formOf = (blank: boolean): {isBlank: () => boolean; fill: (draft: {open: Open}) => void; filled: string[]} => {
    const filled: string[] = [];
    return {isBlank: () => blank, fill: (draft) => void filled.push(draft.open.words), filled};
  };
  test('ABlankFormIsFilledFromItsDraftAndHoldsIt', async () => {
    const memory = new Memory(), browser = new Browser(), form = formOf(true);
    const old = new DraftStore<Open, Personal>('liaison.draft', memory, mirror, 400);
    old.save(open, null);
    await old.flush();
    const own = await new DraftPlace(shelf(memory, browser.page())).restore(form);
    expect([own?.key, form.filled]).toEqual(['liaison.draft', ['水渠垮了']]);
  });
  test('WhatIsTypedBeforeTheDraftIsReadGetsAPlaceOfItsOwn', async () => {
    const memory = new Memory(), browser = new Browser(), form = formOf(false);
    const old = new DraftStore<Open, Personal>('liaison.draft', memory, mirror, 400);
    old.save(open, null);
    await old.flush();
    const own = await new DraftPlace(shelf(memory, browser.page())).restore(form);
    expect(own?.key).not.toBe('liaison.draft');
    expect([form.filled, [...browser.holders.keys()]]).toEqual([[], [own?.key]]);
    expect((await old.load())?.open).toEqual(open);
  });
  test('AFormThatIsLeftWhileItsDraftIsReadIsNotFilled', async () => {
    const memory = new Memory(), browser = new Browser(), form = formOf(true);
    let read: (text: string) => void = () => {};
    const slow: Sealer = {...mirror, open: () => new Promise((resolve) => (read = resolve))};
    const old = new DraftStore<Open, Personal>('liaison.draft', memory, mirror, 400);
    old.save(open, {name: '王建国'});
    await old.flush();
    const place = new DraftPlace(new DraftShelf<Open, Personal>('liaison.draft', memory, slow, browser.page()));
    const restoring = place.restore(form);
    await vi.waitFor(() => expect(browser.holders.size).toBe(1));
    await place.leave();
    read('null');
    expect(await restoring).toBeNull();
    expect([form.filled, browser.holders.size]).toEqual([[], 0]);
  });
  test('ADraftIsFreeOnlyWhenItIsWhole', async () => {
    const memory = new Memory(), browser = new Browser();
    let finish: (text: string) => void = () => {};
    const slow: Sealer = {...mirror, seal: () => new Promise((resolve) => (finish = resolve))};
    const place = new DraftPlace(new DraftShelf<Open, Personal>('liaison.draft', memory, slow, browser.page()));
    const drafts = await place.open();
    drafts!.save(open, {name: '王建国'});
    const leaving = place.leave();
    expect(browser.holders.has('liaison.draft')).toBe(true);
    finish(await mirror.seal(JSON.stringify({name: '王建国'})));
    await leaving;
    expect(browser.holders.size).toBe(0);
    expect((await (await shelf(memory, browser.page()).take()).load())?.personal).toEqual({name: '王建国'});
  });
  test('ADraftOfAnOlderPageIsFound', async () => {
    const memory = new Memory();
    const old = new DraftStore<Open, Personal>('liaison.draft', memory, mirror, 400);
    old.save(open, null);
    await old.flush();
    expect((await (await shelf(memory, new Browser().page()).take()).load())?.open).toEqual(open);
  });
  test('AnEmptyPlaceIsNobodysDraft', async () => {
    const memory = new Memory(), browser = new Browser();
    const old = store(memory);
    const kept = new DraftStore<Open, Personal>('liaison.draft', memory, mirror, 400);
    kept.save(open, null);
    await kept.flush();
    const fresh = await shelf(memory, browser.page()).take(true);
    expect(fresh.key).not.toBe('liaison.draft');
    expect(old.failed).toBe(false);
  });
  test('WithoutLocksOpenPagesAnswerForWhatTheyHold', async () => {
    const pages: {onmessage?: (event: {data: unknown}) => void}[] = [];
    const channel = (): BroadcastChannel => {
      const me: (typeof pages)[number] = {};
      pages.push(me);
      const post = (data: unknown): void => pages.forEach((p) => p !== me && p.onmessage?.({data}));
      return Object.assign(me, {postMessage: post}) as unknown as BroadcastChannel;
    };
    const [one, two] = [byAsking(channel()), byAsking(channel())];
    expect(await one.take('d')).toBe(true);
    expect(await two.take('d')).toBe(false);
    one.free('d');
    expect(await two.take('d')).toBe(true);
    const both = await Promise.all([one.take('e'), two.take('e')]);
    expect(both.filter(Boolean)).toHaveLength(1);
  });
  test('AStorageThatRefusesIsKnownBeforeAnythingIsTyped', () => {
    const memory = new Memory();
    expect(canKeep(memory)).toBe(true);
    memory.full = true;
    expect(canKeep(memory)).toBe(false);
  });
});

describe('drafts of several people', () => {
  const shelf = (memory: Memory, claims: Claims, account: string): DraftShelf<Open, Personal> =>
    new DraftShelf(draftPrefix('liaison.draft', account), memory, mirror, claims);
  const keep = async (memory: Memory, key: string, words: string): Promise<void> => {
    const drafts = new DraftStore<Open, Personal>(key, memory, mirror, 400);
    drafts.save({actionId: words, words}, {name: '王建国'});
    await drafts.flush();
  };

  test('EachFindsHisOwnAndNobodyElses', async () => {
    const memory = new Memory(), browser = new Browser();
    await keep(memory, draftPrefix('liaison.draft', 'UAAAAA'), '水渠垮了');
    const other = shelf(memory, browser.page(), 'UBBBBB');
    const his = await other.take();
    expect([await his.load(), await other.others(his)]).toEqual([null, 0]);
    const again = await shelf(memory, browser.page(), 'UAAAAA').take();
    expect((await again.load())?.open.words).toBe('水渠垮了');
  });
  test('WhatIsNobodysIsFoundByNobodyWhoHasLoggedInUntilItIsTakenOver', async () => {
    const memory = new Memory(), browser = new Browser(), claims = browser.page();
    await keep(memory, 'liaison.draft', '水渠垮了');
    await keep(memory, 'liaison.draft.x1', '路灯不亮');
    await keep(memory, draftPrefix('liaison.draft', 'UBBBBB'), '别人的');
    const mine = shelf(memory, claims, 'UAAAAA');
    const empty = await mine.take();
    expect(await empty.load()).toBeNull();
    mine.free(empty);
    const held = browser.page();
    await held.take('liaison.draft.x1');  // open in a page that knows of no login yet
    await adoptDrafts(memory, claims, 'liaison.draft', draftPrefix('liaison.draft', 'UAAAAA'));
    const taken = await mine.take();
    expect([(await taken.load())?.open.words, (await taken.load())?.personal]).toEqual(['水渠垮了', {name: '王建国'}]);
    expect([memory.map.has('liaison.draft'), memory.map.has('liaison.draft.x1'), await mine.others(taken)]).toEqual([false, true, 0]);
  });
  test('AFullStorageLosesNothingThatIsTakenOver', async () => {
    const memory = new Memory();
    await keep(memory, 'liaison.draft', '水渠垮了');
    memory.full = true;
    await adoptDrafts(memory, new Browser().page(), 'liaison.draft', 'liaison.draft@UAAAAA');
    expect([...memory.map.keys()]).toEqual(['liaison.draft']);
  });
  test('AnEditsDraftIsOfItsVisitAndItsPerson', () => {
    expect(draftPrefix('liaison.edit', '', 'v')).toBe('liaison.edit.v');
    expect(draftPrefix('liaison.edit', 'UAAAAA', 'v')).toBe('liaison.edit@UAAAAA.v');
    expect(draftPrefix('liaison.draft', '')).toBe('liaison.draft');
  });
});

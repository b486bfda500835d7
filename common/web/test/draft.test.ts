import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest';
import {DraftStore, type KeyValue, type Sealer} from '@liaison/draft';

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

// What a station's page does with long texts, several tabs, a browser without storage, a file chosen again, and a clock
// that is wrong.
import assert from 'node:assert/strict';
import {writeFileSync} from 'node:fs';
import {test} from 'node:test';
import {Browser, says} from './browser.mjs';
import {Township} from './daemons.mjs';
import {openSession, writeVisit} from './reception.mjs';

const CENTER = 'HK-Z001';

async function ask(address, method, body) {
  const answer = await fetch(`${address}/liaison.v1.${method}`, {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body)});
  return answer.json();
}
const visits = async (address) => (await ask(address, 'StationService/ListVisits', {from: '2000-01-01', to: '2199-12-31'})).visits ?? [];

async function station(t, ...more) {
  const town = await Township.create(CENTER);
  t.after(() => town.close());
  const browser = await Browser.open();
  t.after(() => browser.close());
  const daemon = await town.startStation(CENTER, 0, ...more);
  return {town, browser, daemon, address: daemon.address};
}

test('a letter that is too long is kept whole, and said to be too long before it is saved', async (t) => {
  const {browser, address} = await station(t);
  const page = await browser.visit(address);
  await openSession(page);
  await writeVisit(page, '先写一句');
  const letter = '第一页。'.repeat(1100) + '请把欠的工钱给我们。';
  await page.getByTestId('words').fill(letter);
  await says(page, 'over-limit', `${letter.length - 4000} 字超出`);
  await page.getByTestId('save-visit').click();
  await says(page, 'visit-problems', `原话：${letter.length - 4000} 字超出`);
  assert.equal(await page.getByTestId('words').inputValue(), letter);
  assert.deepEqual(await visits(address), []);
  await browser.shot(page, '41-station-too-long');
  // The same holds for a single line.
  await page.getByTestId('words').fill('先写一句');
  await page.getByTestId('matter-0-title').fill('题'.repeat(41));
  await page.getByTestId('save-visit').click();
  await says(page, 'visit-problems', '标题：1 字超出');
  await page.getByTestId('matter-0-title').fill('修水渠');
  await page.getByTestId('save-visit').click();
  await says(page, 'saved-panel', '已保存');
  assert.deepEqual(browser.complaints, []);
});

test('a line break of a word processor is a line break', async (t) => {
  const {browser, address} = await station(t);
  const page = await browser.visit(address);
  await openSession(page);
  await writeVisit(page, '尊敬的代表：\u000b三组水渠垮了。\u000b请尽快修。');
  assert.equal(await page.getByTestId('words').inputValue(), '尊敬的代表：\n三组水渠垮了。\n请尽快修。');
  await page.getByTestId('save-visit').click();
  await says(page, 'saved-panel', '已保存');
  assert.equal((await visits(address))[0].entry.originalWords, '尊敬的代表：\n三组水渠垮了。\n请尽快修。');
});

test('two tabs keep their own words and never one action id', async (t) => {
  const {browser, address} = await station(t);
  const first = await browser.visit(address);
  await openSession(first);
  await writeVisit(first, '水渠垮了');
  await first.waitForFunction(() => JSON.stringify({...localStorage}).includes('水渠垮了'));
  const second = await browser.visit(address);
  await second.getByTestId('words').waitFor();
  assert.equal(await second.getByTestId('words').inputValue(), '');
  await writeVisit(second, '路灯不亮');
  await second.waitForFunction(() => JSON.stringify({...localStorage}).includes('路灯不亮'));
  await second.getByTestId('save-visit').click();
  await says(second, 'saved-panel', '已保存');
  assert.equal(await first.getByTestId('words').inputValue(), '水渠垮了');
  await first.close();
  // What a closed tab left behind comes back in the next one, and is stored once.
  const third = await browser.visit(address);
  await says(third, 'draft-restored', '已恢复');
  assert.equal(await third.getByTestId('words').inputValue(), '水渠垮了');
  await third.getByTestId('save-visit').click();
  await says(third, 'saved-panel', '已保存');
  assert.deepEqual((await visits(address)).map((v) => v.entry.originalWords).sort(), ['水渠垮了', '路灯不亮'].sort());
  assert.deepEqual(browser.complaints, []);
});

test('an edit that was not saved comes back with its visit', async (t) => {
  const {browser, address} = await station(t);
  const first = await browser.visit(address);
  await openSession(first);
  await writeVisit(first, '三组水渠垮了');
  await first.getByTestId('save-visit').click();
  await says(first, 'saved-panel', '已保存');
  await first.getByTestId('edit-visit').click();
  await first.getByTestId('edit-words').fill('三组水渠垮了二十米');
  await first.waitForFunction(() => JSON.stringify({...localStorage}).includes('二十米'));
  const {hash} = new URL(first.url());
  await first.close();
  const second = await browser.visit(address, hash);
  await says(second, 'edit-restored', '已恢复');
  assert.equal(await second.getByTestId('edit-words').inputValue(), '三组水渠垮了二十米');
  await second.getByTestId('save-edit').click();
  await says(second, 'done', '修改已保存');
  assert.equal((await visits(address))[0].entry.originalWords, '三组水渠垮了二十米');
  assert.ok(!(await second.evaluate(() => JSON.stringify({...localStorage}))).includes('二十米'), 'the draft is over');
  assert.deepEqual(browser.complaints, []);
});

test('a browser that forbids its storage says that it keeps no draft', async (t) => {
  const {browser, address} = await station(t);
  await browser.context.addInitScript(() => Object.defineProperty(window, 'localStorage', {
    get() {
      throw new DOMException('Access is denied for this document.', 'SecurityError');
    },
  }));
  const page = await browser.visit(address);
  await openSession(page);
  await page.getByText('浏览器存不下草稿').waitFor();
  await writeVisit(page, '三组水渠垮了');
  await page.getByTestId('save-visit').click();
  await says(page, 'saved-panel', '已保存');
  assert.deepEqual(browser.complaints, []);
});

test('a file that was mended and is chosen again is checked anew', async (t) => {
  const {town, browser, address} = await station(t);
  const file = town.data('台账.csv');
  const head = '序号,接待日期,联络点,反映内容,接待代表,处理方式\n';
  const row = (n, deputy) => `${n},2026-03-05,鱼姐村委会,第${n}件水渠垮了,${deputy},村级办理\n`;
  const page = await browser.visit(address, '#/import');
  writeFileSync(file, head + row(1, '没有这个人'));
  // As a person does it: through the window for choosing a file, which is silent when the same name is chosen again.
  const choose = async () => {
    const [window] = await Promise.all([page.waitForEvent('filechooser'), page.locator('label[for=ledger-file]').click()]);
    await window.setFiles(file);
  };
  await choose();
  await says(page, 'import-refused', '1');
  assert.equal(await page.getByTestId('import-file').inputValue(), '', 'the field is free for the same name');
  writeFileSync(file, head + row(1, '薛云') + row(2, '薛云'));
  await choose();
  await says(page, 'import-accepted', '2');
  await says(page, 'import-refused', '0');
  assert.deepEqual(browser.complaints, []);
});

test('a box whose clock has fallen back asks for the day', async (t) => {
  const {browser, address} = await station(t, '--start-at', '2010-01-01T08:10');
  const page = await browser.visit(address);
  await says(page, 'clock-trouble', '本机时钟不可信');
  assert.equal(await page.getByTestId('session-date').inputValue(), '');
  await browser.shot(page, '42-station-clock');
  const today = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
  await page.getByTestId('clock-today').fill(today);
  await page.getByTestId('clock-say').click();
  await says(page, 'clock-trouble', '今天按写明的');
  await page.waitForFunction((day) => document.getElementById('session-date')?.value === day, today);
  await openSession(page);
  await writeVisit(page, '三组水渠垮了');
  await page.getByTestId('save-visit').click();
  await says(page, 'saved-number', today.slice(0, 4));
  await page.getByTestId('menu-ledger').click();
  await page.getByTestId('ledger-row').first().click();
  await says(page, 'history', '时钟存疑');
});

// A township that begins with nothing but its roster and one enrolled box: by the pages and a slip alone.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Browser, says} from './browser.mjs';
import {Township} from './daemons.mjs';
import {openSession, writeVisit} from './reception.mjs';

const STATION = 'HK-D057';
const PASSWORD = 'hengkou-shuiqu-2026';
const PIN = '582046';
const OFFICER = 2;  // Access.Role

test('an admin, an officer with a slip, a visit under her name, and a page that locks', async (t) => {
  const town = await Township.bare(STATION);
  t.after(() => town.close());
  const [office, village] = [await Browser.open(), await Browser.open()];
  t.after(() => Promise.all([office.close(), village.close()]));
  const hub = await town.startHub(), station = await town.startStation(STATION);

  const desk = await office.visit(hub.address);
  await desk.getByTestId('setup-code').fill(town.setupCode);
  await desk.getByTestId('setup-name').fill('何国强');
  await desk.getByTestId('new-secret').fill(PASSWORD);
  await desk.getByTestId('new-secret-again').fill(PASSWORD);
  await office.shot(desk, '61-first-run');
  await desk.getByTestId('setup-now').click();
  await says(desk, 'me', '何国强');

  await desk.getByTestId('menu-accounts').click();
  await desk.getByTestId('account-add').click();
  await desk.getByTestId('right-place').selectOption(STATION);
  await desk.getByTestId(`right-role-${OFFICER}`).click();
  await desk.getByTestId('right-name').fill('周敏');
  await desk.getByTestId('right-save').click();
  const code = await desk.getByTestId('slip-code').innerText();
  assert.match(code, /^[0-9A-Z]{4}(-[0-9A-Z]{4}){2}$/);
  await office.shot(desk, '62-slip');
  await office.pdf(desk, '62-slip');
  await desk.getByTestId('slips-done').click();
  await says(desk, 'account-row', '周敏');
  assert.ok(!(await desk.content()).includes(code), 'the code is shown once');

  // The right comes to the station by itself.
  const page = await village.visit(station.address);
  await says(page, 'sign-in', '您是哪一位');
  await page.getByTestId(/^person-/).filter({hasText: '周敏'}).click();
  await page.getByTestId('login-code').fill(code.toLowerCase().replaceAll('-', ' '));
  await page.getByTestId('new-secret').fill(PIN);
  await page.getByTestId('new-secret-again').fill(PIN);
  await village.shot(page, '63-slip-redeemed');
  await page.getByTestId('login-now').click();
  await says(page, 'me', '周敏');

  await openSession(page);
  await writeVisit(page, '三组水渠垮了二十来米');
  await page.getByTestId('save-visit').click();
  await says(page, 'saved-panel', '已保存');
  await page.getByTestId('next-visitor').click();
  await page.getByTestId('words').fill('路灯不亮');
  await page.getByTestId('me').click();
  await page.getByTestId('me-lock').click();
  await says(page, 'unlock', '填的内容都在');
  assert.equal(await page.getByTestId('words').isVisible(), false);
  await village.shot(page, '64-locked');
  await page.getByTestId('unlock-secret').fill(PIN);
  await page.getByTestId('words').waitFor();
  assert.equal(await page.getByTestId('words').inputValue(), '路灯不亮');

  // A reload stays logged in, and the words come back as hers.
  await page.waitForFunction(() => JSON.stringify({...localStorage}).includes('路灯不亮'));
  await page.reload();
  await says(page, 'draft-restored', '已恢复');
  await page.getByTestId('menu-ledger').click();
  await page.getByTestId('ledger-row').first().click();
  await says(page, 'history', '周敏');

  // Out means out: without the six digits nothing is shown.
  await page.getByTestId('me').click();
  await page.getByTestId('me-logout').click();
  await says(page, 'sign-in', '您是哪一位');
  assert.ok(!(await page.content()).includes('路灯不亮'));
  assert.deepEqual([...office.complaints, ...village.complaints], []);
});

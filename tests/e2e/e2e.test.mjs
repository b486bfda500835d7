// Both daemons and their pages as a person meets them. Waits for words on a page, never for time.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {after, before, describe, it, test} from 'node:test';
import {Browser, says} from './browser.mjs';
import {CLERK, Township} from './daemons.mjs';
import {openSession, writeVisit} from './reception.mjs';

const STATION = 'HK-D057';
const WORDS = '三组水渠垮了二十来米，浇不上地';
const NAME = '柳桂香';
const PHONE = '13809157642';
const SUBMIT = 'matter-0-disposition-3';  // 上报镇

async function logIn(page) {
  await page.getByTestId('login-account').fill(CLERK.name);
  await page.getByTestId('login-secret').fill(CLERK.password);
  await page.getByTestId('login-now').click();
  await says(page, 'me', CLERK.name);
}

// Returns the visit's number.
async function saveVisit(page) {
  await page.getByTestId('save-visit').click();
  await says(page, 'saved-panel', '已保存');
  return page.getByTestId('saved-number').innerText();
}

const draftOnDisk = (page, words) =>
  page.waitForFunction((text) => Object.values({...localStorage}).join().includes(text), words);

describe('a visit written down without a network', () => {
  let town, station, village, desk, page, hubPage;
  let number, matterNumber, secondNumber;
  let broken = false;
  // One story: what comes after a failed step would only fail for the same reason.
  const step = (name, work) => it(name, async (t) => {
    if (broken) return t.skip('an earlier step failed');
    broken = true;
    await work(t);
    broken = false;
  });
  const atHub = async (menu) => {
    await hubPage.getByTestId(`menu-${menu}`).click();
    await hubPage.locator(`[data-testid="menu-${menu}"][aria-current="page"]`).waitFor();
  };
  const ourRow = () => hubPage.getByTestId('station-row').filter({hasText: STATION});

  before(async () => {
    town = await Township.create(STATION);
    station = await town.startStation(STATION);
    village = await Browser.open();
    page = await village.visit(station.address);
  });
  after(async () => {
    await Promise.all([village?.close(), desk?.close()]);
    await town?.close();
  });

  step('a session is opened', async () => {
    await says(page, 'station-name', '民兴村');
    await says(page, 'link-light', '未联网，照常登记');
    await page.getByTestId('open-session').waitFor();
    await village.shot(page, '01-station-start');
    await openSession(page);
    await says(page, 'session', '薛云');
    await village.shot(page, '02-station-form');
  });

  step('what was typed survives a closed tab, and the name is not on the disk in clear', async () => {
    await page.getByTestId('words').fill(WORDS);
    await page.getByTestId('headcount').fill('3');
    await page.getByTestId('visitor-name').fill(NAME);
    await page.getByTestId('visitor-phone').fill(PHONE);
    await page.getByTestId('visitor-group').fill('三组');
    await page.getByTestId(SUBMIT).click();
    await draftOnDisk(page, '"disposition":3');
    const disk = await page.evaluate(() => JSON.stringify({...localStorage}));
    assert.ok(!disk.includes(NAME) && !disk.includes(PHONE));
    await page.close();
    page = await village.visit(station.address);
    await says(page, 'draft-restored', '已恢复');
    assert.equal(await page.getByTestId('words').inputValue(), WORDS);
    assert.equal(await page.getByTestId('visitor-name').inputValue(), NAME);
    assert.equal(await page.getByTestId('visitor-phone').inputValue(), PHONE);
    await village.shot(page, '03-station-restored');
  });

  step('it is saved, with its number, and pending', async () => {
    number = await saveVisit(page);
    assert.match(number, /\d{4,}/);
    const size = await page.getByTestId('saved-number').evaluate((e) => parseFloat(getComputedStyle(e).fontSize));
    assert.ok(size >= 28, `the number is ${size}px high`);
    matterNumber = await page.getByTestId('matter-number').innerText();
    assert.notEqual(matterNumber, '');
    await says(page, 'saved-panel', '已登记');
    await says(page.getByTestId('saved-panel'), 'light', /已存|待传/);
    await says(page, 'pending-count', /待传 [1-9]/);
    await village.shot(page, '04-station-saved');
  });

  step('the station’s lists have it', async () => {
    await page.getByTestId('menu-ledger').click();
    const row = await says(page, 'ledger-row', number);
    await says(row, 'light', /已存|待传/);
    assert.equal(await row.getByText(NAME).count(), 0);
    await village.shot(page, '05-station-ledger');
    await page.getByTestId('menu-find').click();
    await page.getByTestId('find-box').fill('水渠');
    await says(page, 'find-hit', matterNumber);
    await village.shot(page, '06-station-find');
    await page.getByTestId('menu-sync').click();
    await says(page, 'sync-summary', '没有送到镇里');
    await village.shot(page, '07-station-sync');
    await page.getByTestId('menu-today').click();
    await says(page, 'saved-number', number);
  });

  step('it is delivered by itself when the hub comes up', async () => {
    const hub = await town.startHub();
    await says(page.getByTestId('saved-panel'), 'light', '已送达');
    await says(page, 'pending-count', '待传 0');
    await says(page, 'link-light', '已联网');
    await village.shot(page, '08-station-delivered');
    desk = await Browser.open();
    hubPage = await desk.visit(hub.address);
    await logIn(hubPage);
  });

  step('the hub counts it and shows neither name nor number', async () => {
    await ourRow().getByText('在线').waitFor();
    assert.equal(await ourRow().locator('[data-label="批"]').innerText(), '1');
    assert.equal(await ourRow().locator('[data-label="人次"]').innerText(), '3');
    assert.equal(await ourRow().locator('[data-label="意见"]').innerText(), '1');
    await desk.shot(hubPage, '11-hub-stations');
    const seen = [];
    // An empty page shows no names either: it is looked at when it says what it has to.
    const look = async (handle, words) => {
      await says(hubPage, handle, words);
      seen.push(await hubPage.locator('body').innerText());
    };
    await look('station-row', STATION);
    await atHub('matters');
    await (await says(hubPage, 'matter-row', matterNumber)).getByRole('button').click();
    await says(hubPage, 'matter-more', WORDS);
    await look('history', '周敏');
    await desk.shot(hubPage, '12-hub-matters');
    const [file] = await Promise.all([hubPage.waitForEvent('download'), hubPage.getByTestId('export-csv').click()]);
    const table = readFileSync(await file.path(), 'utf8');
    assert.ok(table.includes(matterNumber));
    seen.push(table);
    await atHub('figures');
    await hubPage.getByTestId('period-year').click();
    await says(hubPage, 'report-sentence', '接待选民1批3人次，收集意见建议1条');
    await says(hubPage, 'figure-N6', '1');
    await look('identity-difference', '相符');
    await desk.shot(hubPage, '13-hub-figures');
    await atHub('conflicts');
    await look('no-conflicts', '没有分歧');
    await desk.shot(hubPage, '14-hub-conflicts');
    for (const text of [...seen, desk.answers]) assert.ok(!text.includes(NAME) && !text.includes(PHONE));
  });

  step('a title put right at once appears on the hub’s open page', async () => {
    await atHub('matters');
    await says(hubPage, 'matter-row', WORDS);
    await page.getByTestId('edit-visit').click();
    await page.getByTestId('edit-matter-0-title').fill('三组水渠垮塌约二十米');
    await village.shot(page, '15-station-edit');
    await page.getByTestId('save-edit').click();
    await says(page, 'matter-card', '三组水渠垮塌约二十米');
    await says(hubPage, 'matter-row', '三组水渠垮塌约二十米');
    await says(page.getByTestId('visit-detail'), 'light', '已送达');
    await says(page, 'history', '三组水渠垮塌约二十米');
    await village.shot(page, '16-station-detail');
    await desk.shot(hubPage, '16-hub-matters-edited');
  });

  step('the form to sign has the name, and fits on one page', async () => {
    await page.getByTestId('print-visit').click();
    const sheet = await says(page, 'print-sheet', number);
    await sheet.getByText(NAME).waitFor();
    await sheet.getByText(PHONE).waitFor();
    await sheet.getByText('说明：登记时已告知反映人').waitFor();  // the service's form: the page has none of its own
    await village.shot(page, '17-station-print');
    await village.pdf(page, '17-station-print');
    const pages = (await page.pdf({preferCSSPageSize: true})).toString('latin1').match(/\/Type\s*\/Page\b/g).length;
    assert.equal(pages, 1);
  });

  step('a second visit is counted, and leaves the count when it is undone', async () => {
    await page.getByTestId('menu-today').click();
    await page.getByTestId('next-visitor').click();
    await writeVisit(page, '村口路灯不亮');
    secondNumber = await saveVisit(page);
    assert.notEqual(secondNumber, number);
    await atHub('stations');
    await ourRow().locator('[data-label="批"]').getByText('2', {exact: true}).waitFor();
    await page.getByTestId('void-visit').click();
    await says(page, 'saved-panel', '已作废');
    await village.shot(page, '18-station-voided');
    await ourRow().locator('[data-label="批"]').getByText('1', {exact: true}).waitFor();
    await ourRow().locator('[data-label="意见"]').getByText('1', {exact: true}).waitFor();
    await desk.shot(hubPage, '18-hub-stations');
    await atHub('figures');
    await says(hubPage, 'report-sentence', '接待选民1批3人次，收集意见建议1条');
    await page.getByTestId('menu-ledger').click();
    await says(page, 'ledger-row', number);
    assert.equal(await page.getByTestId('ledger-row').filter({hasText: secondNumber}).count(), 0);
    await page.getByTestId('include-voided').click();
    await (await says(page, 'ledger-row', secondNumber)).getByText('已作废').first().waitFor();
    await village.shot(page, '19-station-ledger-voided');
  });

  step('no page complained, none spoke to anybody else, and the daemons end in order', async () => {
    assert.deepEqual([...village.complaints, ...desk.complaints], []);
    await Promise.all([village.close(), desk.close()]);
    assert.deepEqual(await town.close(), [0, 0]);
  });
});

test('what a page called saved survives kill -9, and the open page finds it again', async (t) => {
  const town = await Township.create(STATION);
  t.after(() => town.close());
  const browser = await Browser.open();
  t.after(() => browser.close());
  let station = await town.startStation(STATION);
  const {port} = new URL(station.address);
  const page = await browser.visit(station.address);
  await openSession(page);
  await writeVisit(page, '村道上没有减速带');
  const number = await saveVisit(page);
  browser.outage = true;
  assert.equal(await station.kill(), 'SIGKILL');
  await says(page, 'outage', '连不上本机程序');
  await browser.shot(page, '21-station-outage');
  station = await town.startStation(STATION, Number(port));
  await page.getByTestId('outage').waitFor({state: 'detached'});
  browser.outage = false;
  await page.getByTestId('menu-ledger').click();
  await says(page, 'ledger-row', number);
  await says(page, 'ledger-row', '村道上没有减速带');
  await says(page, 'pending-count', /待传 [1-9]/);
  // A number given again would be worse than a lost one.
  await page.getByTestId('menu-today').click();
  await page.getByTestId('next-visitor').click();
  await writeVisit(page, '通村路塌方');
  assert.notEqual(await saveVisit(page), number);
  assert.deepEqual(browser.complaints, []);
});

test('two screens that change one title at once keep both, until a person chooses', async (t) => {
  const town = await Township.create(STATION);
  t.after(() => town.close());
  const browser = await Browser.open();
  t.after(() => browser.close());
  const {address} = await town.startStation(STATION);
  const first = await browser.visit(address);
  await openSession(first);
  await writeVisit(first, '村道上没有减速带');
  await saveVisit(first);
  await first.getByTestId('edit-visit').click();
  await first.getByTestId('edit-matter-0-title').fill('村道要装减速带');
  const second = await browser.visit(address, new URL(first.url()).hash);
  await second.getByTestId('edit-matter-0-title').fill('学校门口要装减速带');
  for (const page of [first, second]) {
    await page.getByTestId('save-edit').click();
    await says(page, 'done', '修改已保存');
  }
  await says(first, 'conflict-count', '1');
  await first.getByTestId('menu-conflicts').click();
  const card = await says(first, 'conflict-card', '标题');
  await card.getByText('村道上没有减速带').waitFor();  // what both of them replaced
  assert.equal(await card.getByTestId('conflict-value').count(), 2);
  await browser.shot(first, '31-station-conflict');
  await (await says(card, 'conflict-value', '村道要装减速带')).getByTestId('adopt').click();
  await says(card, 'conflict-value', '已采用');
  await first.getByTestId('conflict-count').waitFor({state: 'detached'});
  await says(second, 'matter-card', '村道要装减速带');
  await browser.shot(second, '32-station-settled');
  assert.deepEqual(browser.complaints, []);
});

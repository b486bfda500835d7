// Takes a picture of every view, at a desk's and a phone's size, from the fake server. Needs a built page and Chromium.
//
//   node dev/shots.mjs FOLDER       CHROMIUM names another browser
import {spawn} from 'node:child_process';
import {mkdirSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {chromium} from 'playwright-core';

const out = process.argv[2] ?? 'shots';
const here = dirname(fileURLToPath(import.meta.url));
const SIZES = {desk: {width: 1280, height: 900}, phone: {width: 390, height: 844}};
mkdirSync(out, {recursive: true});

function start(role) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(here, 'fake.mjs'), role, '0'], {stdio: ['ignore', 'pipe', 'inherit']});
    child.stdout.once('data', (text) => resolve({address: String(text).trim(), stop: () => child.kill()}));
  });
}
const browser = await chromium.launch({executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--lang=zh-CN']});
const complaints = [];

async function visit(size, role, walk) {
  const server = await start(role);
  const context = await browser.newContext({viewport: SIZES[size], locale: 'zh-CN', acceptDownloads: true});
  const page = await context.newPage();
  page.on('console', (m) => ['error', 'warning'].includes(m.type()) && complaints.push(`${role} ${size}: ${m.text()}`));
  page.on('pageerror', (e) => complaints.push(`${role} ${size}: ${e.message}`));
  page.on('request', (r) => r.url().startsWith(server.address) || r.url().startsWith('blob:') || complaints.push(`foreign request ${r.url()}`));
  const id = (name) => page.getByTestId(name);
  const shot = async (name) => {
    await page.waitForFunction(() => Number(document.querySelector('main')?.dataset.tick) > 0);
    await page.evaluate(() => Promise.all(Array.from(document.images, (i) => i.decode().catch(() => undefined))));
    await page.screenshot({path: join(out, `${role}-${name}-${size}.png`), fullPage: true});
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (wide > 0) complaints.push(`${role} ${size} ${name}: ${wide}px wider than the window`);
  };
  try {
    await page.goto(server.address);
    await walk({page, id, shot, address: server.address});
  } finally {
    await context.close();
    server.stop();
  }
}

for (const size of Object.keys(SIZES)) {
  await visit(size, 'station', async ({page, id, shot, address}) => {
    await id('open-session').waitFor();
    await shot('1-start');
    await page.request.post(`${address}/fake/clock`, {data: {trouble: '本机时钟是2010-01-01，早于本机入网的日期2026-11-20', today: '2010-01-01'}});
    await page.reload();
    await id('clock-trouble').waitFor();
    await shot('1-clock');
    await id('clock-today').fill('2026-11-20');
    await id('clock-say').click();
    await id('clock-trouble').getByText('今天按写明的').waitFor();
    await shot('1-clock-given');
    await page.request.post(`${address}/fake/clock`, {data: {}});
    await page.reload();
    await id('session-date').fill('2024-11-20');
    await id('deputy-HK-R001').click();
    await id('open-session').click();
    await id('date-meant').waitFor();
    await shot('1-long-ago');
    complaints.splice(0, complaints.length, ...complaints.filter((c) => !c.includes('400 (Bad Request)')));
    await page.reload();
    await id('open-session').waitFor();
    await id('deputy-HK-R001').click();
    await id('deputy-HK-R002').click();
    await id('open-session').click();
    await id('words').fill('三组水渠垮了二十来米，浇不上地');
    await id('matter-0-more').locator('summary').click();
    await id('matter-0-grid').fill('第三网格（王大爷）');
    await shot('2-form');
    await id('visitor-name').fill('王建国');
    await id('visitor-phone').fill('138123');
    await id('add-matter').click();
    await id('matter-1-content').fill('医保在哪里缴');
    await id('matter-1-nature-5').click();
    await id('matter-1-disposition-1').click();
    await id('matter-0-title').fill('题'.repeat(47));
    await id('visitor-group').fill('鱼姐村三组靠河边第四户人家旁边新修的房子里');
    await id('save-visit').click();
    await shot('3-problems');
    await id('matter-0-title').fill('三组水渠垮了');
    await id('visitor-group').fill('三组');
    await page.waitForTimeout(600);
    await page.reload();
    await id('draft-restored').waitFor();
    await id('visitor-phone').fill('13812345678');
    await id('matter-0-disposition-3').click();
    await id('matter-1-answer').fill('到便民服务中心或手机上缴。');
    await id('matter-1-answered-by-HK-R001').click();
    await shot('4-restored');
    await id('save-visit').click();
    await id('saved-number').waitFor();
    await shot('5-saved');
    await id('edit-visit').click();
    await id('edit-form').waitFor();
    await shot('6-edit');
    await id('edit-matter-0-title').fill('三组水渠垮塌约二十米');
    await id('save-edit').click();
    await id('done').waitFor();
    await shot('7-detail');
    await id('add-file').first().setInputFiles({name: '水渠.png', mimeType: 'image/png', buffer: await page.screenshot()});
    await id('file').waitFor();
    await shot('7-photo');
    await id('print-visit').click();
    await id('print-sheet').waitFor();
    await shot('8-print');
    if (size === 'desk') await page.pdf({path: join(out, 'print.pdf'), format: 'A4'});
    await page.request.post(`${address}/fake/link`, {data: {up: true}});
    await id('menu-ledger').click();
    await id('ledger').waitFor();
    await shot('9-ledger');
    await id('menu-find').click();
    await id('find-box').fill('水渠');
    await id('find-hit').first().waitFor();
    await shot('10-find');
    await id('menu-conflicts').click();
    await id('conflict-card').waitFor();
    await shot('11-conflicts');
    await id('adopt').last().click();
    await shot('12-adopted');
    await id('menu-sync').click();
    await shot('13-sync');
    await id('menu-today').click();
    await id('next-visitor').click();
    await id('accusation').click();
    await shot('14-accusation');
    await page.request.post(`${address}/fake/link`, {data: {up: false}});
    await page.route('**/liaison.v1.*/**', (route) => route.abort());
    await id('save-visit').click();
    await id('outage').waitFor();
    await shot('15-outage');
    complaints.splice(0, complaints.length, ...complaints.filter((c) => !c.includes('ERR_FAILED')));
  });
  await visit(size, 'center', async ({id, shot}) => {
    await id('pick-station').waitFor();
    await shot('1-start');
    await id('menu-import').click();
    await id('import-file').setInputFiles({name: '旧台账2026.csv', mimeType: 'text/csv', buffer: Buffer.from('a')});
    await id('import-refusals').waitFor();
    await shot('2-trial');
    await id('import-now').click();
    await id('import-undo').waitFor();
    await shot('3-imported');
    await id('import-file').setInputFiles({name: '旧台账2026（断）.csv', mimeType: 'text/csv', buffer: Buffer.from('a')});
    await id('import-goes-on').waitFor();
    await shot('4-goes-on');
  });
  await visit(size, 'hub', async ({id, shot}) => {
    await id('stations').waitFor();
    if (size === 'phone') await id('stations-absent').click();
    await shot('1-stations');
    await id('menu-matters').click();
    await id('matter-row').first().waitFor();
    await id('matters').locator('button').first().click();
    await id('export-xlsx').click();
    await id('exported').waitFor();
    await shot('2-matters');
    await id('menu-figures').click();
    await id('report-sentence').waitFor();
    await id('copy-sentence').click();
    await shot('3-figures');
    await id('menu-conflicts').click();
    await id('conflict-card').waitFor();
    await shot('4-conflicts');
  });
}
await browser.close();
console.log(complaints.length ? complaints.join('\n') : 'no complaints');
process.exitCode = complaints.length ? 1 : 0;

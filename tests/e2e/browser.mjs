// A browser that notes down what a page must not do: complain on the console, or speak to anybody but its own daemon.
import {mkdirSync} from 'node:fs';
import {join} from 'node:path';
import {chromium} from 'playwright-core';

const WAIT_MS_MAX = 90_000;  // only a page that never says the word waits this long
const shots = process.env.LIAISON_SHOTS;

export class Browser {
  static async open() {
    const browser = new Browser();
    browser.complaints = [];
    browser.answers = '';      // all that the daemons answered to the pages of this browser
    browser.outage = false;    // a daemon is down on purpose: that its requests fail is no complaint
    browser.process = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--lang=zh-CN', '--disable-dev-shm-usage'],
    });
    browser.context = await browser.process.newContext({locale: 'zh-CN', viewport: {width: 1280, height: 900}, acceptDownloads: true});
    browser.context.setDefaultTimeout(WAIT_MS_MAX);
    return browser;
  }

  // A tab that shows the daemon's page.
  async visit(address, hash = '') {
    const page = await this.context.newPage();
    page.on('pageerror', (error) => this.complaints.push(error.stack ?? error.message));
    page.on('console', (message) => {
      if (message.type() !== 'error') return;
      if (this.outage && /net::ERR_/.test(message.text())) return;
      this.complaints.push(`${message.text()} (${message.location().url})`);
    });
    page.on('request', (request) => {
      const url = new URL(request.url());
      if (url.origin !== address && !['blob:', 'data:'].includes(url.protocol)) this.complaints.push(`foreign request: ${url}`);
    });
    page.on('response', async (response) => {
      if (response.request().method() === 'POST') this.answers += await response.text().catch(() => '');
    });
    await page.goto(`${address}/${hash}`);
    return page;
  }

  async shot(page, name) {
    if (!shots) return;
    mkdirSync(shots, {recursive: true});
    await page.screenshot({path: join(shots, `${name}.png`), fullPage: true, animations: 'disabled'});
  }

  async pdf(page, name) {
    if (!shots) return;
    mkdirSync(shots, {recursive: true});
    await page.pdf({path: join(shots, `${name}.pdf`), preferCSSPageSize: true, printBackground: true});
  }

  async close() {
    await this.process.close();
  }
}

// The element with this handle, once it says `words` (text or a pattern).
export async function says(page, handle, words) {
  const elements = page.getByTestId(handle);
  const element = elements.filter({hasText: words}).first();
  try {
    await element.waitFor();
  } catch (error) {
    const texts = (await elements.allInnerTexts()).join(' | ');
    throw new Error(`${handle} does not say ${words} but: ${texts || 'nothing'}`, {cause: error});
  }
  return element;
}

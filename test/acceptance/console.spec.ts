import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { chromiumPath, launchChromium } from '../chromium.js';
import { sample, text, upload, findViolations } from '../console-page.js';
import { openIdProvider, type Misbehaviour, type OpenIdProvider } from '../openid-provider.js';
import { startServer, type RunningServer } from './server.js';

const key = 'a-bootstrap-key-for-the-console-in-chromium-1';
const longSet = 'a'.repeat(63);
const views = ['ask', 'documents', 'work', 'overview', 'settings'];
const settingsPages = ['keys', 'quotas', 'sources', 'webhooks', 'models', 'health', 'audit'];
const pictures = join('test-results', 'console');

(chromiumPath ? describe : describe.skip)('the console in a browser', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'docent-console-'));
  const sourceFolder = mkdtempSync(join(tmpdir(), 'docent-source-'));
  const faults: string[] = [];
  let provider: OpenIdProvider;
  let server: RunningServer;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  const start = (port: string) =>
    startServer({
      AUTH: 'required',
      API_KEYS: key,
      JWT_ISSUERS: JSON.stringify([provider.setting]),
      OIDC_CLIENT_ID: 'console',
      DATA_DIR: dataDir,
      PORT: port,
      LOG_LEVEL: 'warn',
      PARSER_PROCESSES: '1',
      SWEEP_INTERVAL_SECONDS: '1',
      SOURCE_FOLDERS: sourceFolder,
      WEBHOOK_ALLOW: '127.0.0.1',
    });

  beforeAll(async () => {
    mkdirSync(pictures, { recursive: true });
    provider = await openIdProvider();
    [server, browser] = await Promise.all([start('0'), launchChromium()]);
    context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-GB' });
    page = await context.newPage();
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' && /Content Security Policy|Uncaught/.test(message.text()))
        faults.push(message.text());
    });
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    await provider?.close();
    for (const folder of [dataDir, sourceFolder]) rmSync(folder, { recursive: true, force: true });
  });

  const callAs = async (
    credential: string,
    method: string,
    path: string,
    body?: unknown,
  ): Promise<unknown> => {
    const response = await fetch(`${server.url}${path}`, {
      method,
      headers: { 'x-api-key': credential, ...(body !== undefined && { 'content-type': 'application/json' }) },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    expect(response.ok).toBe(true);
    return response.json();
  };

  it('signs in with a key, explains a refusal, and stays signed in over a reload', async () => {
    await page.goto(server.url);
    await page.getByLabel('API key or token').fill('a-key-that-is-not-valid-here-at-all-000000');
    await page.getByRole('button', { name: 'Sign in with the key' }).click();
    await page.getByRole('alert').filter({ hasText: 'not valid here' }).waitFor();
    await page.getByLabel('API key or token').fill(key);
    await page.getByRole('button', { name: 'Sign in with the key' }).click();
    await page.getByRole('heading', { name: 'Start with some documents' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Start with some documents' }).waitFor();
  });

  it('takes dropped files, waits where the service is busy, and says what cannot be read', async () => {
    let refusals = 0;
    await page.route('**/agent/upload', async (route) => {
      if (refusals++ > 0) return route.continue();
      return route.fulfill({
        status: 429,
        headers: { 'retry-after': '1', 'content-type': 'application/problem+json' },
        body: JSON.stringify({ status: 429, code: 'rate_limited', detail: 'Too many.', retryable: true }),
      });
    });
    await upload(
      page,
      [sample('employee-handbook.pdf'), sample('price-list.xlsx'), text('broken.pdf', '%PDF-1.7\nbroken')],
      'handbook',
    );
    await page.getByText('The service is busy').waitFor();
    await page.getByText('2 of 3 files are ready').waitFor({ timeout: 120_000 });
    await page.locator('.failures').getByText('The file is damaged').waitFor();
    await page.unroute('**/agent/upload');
    expect(refusals).toBe(2);
    await page
      .getByRole('row', { name: /broken\.pdf/ })
      .getByText('Failed')
      .waitFor();
  }, 180_000);

  it('says of each refused file what would help, and offers to send again only what may pass', async () => {
    await page.goto(`${server.url}/#/documents`);
    await page.reload();
    await page.locator('main h1').first().waitFor();
    await upload(page, [text('tool.exe', 'MZ\u0000\u0003'), text('letter.pdf', 'Dear reader')], 'handbook');
    const failures = page.locator('.failures li');
    await failures.filter({ hasText: 'tool.exe' }).getByText('Save the content as PDF').waitFor();
    await failures.filter({ hasText: 'letter.pdf' }).getByText('Rename the file').waitFor();
    expect(await page.getByRole('button', { name: /^Try .* again$/ }).count()).toBe(0);
    await page.route('**/agent/upload', (route) =>
      route.fulfill({
        status: 403,
        headers: { 'content-type': 'application/problem+json' },
        body: JSON.stringify({ status: 403, code: 'forbidden', detail: 'Not now.', retryable: false }),
      }),
    );
    await upload(page, [text('notes.txt', 'The gate is green.')], 'handbook');
    await page.getByRole('button', { name: 'Try 1 file again' }).waitFor();
    await page.unroute('**/agent/upload');
    await page.getByRole('button', { name: 'Try 1 file again' }).click();
    await page.getByText('1 of 3 files are ready').waitFor({ timeout: 60_000 });
  }, 120_000);

  it('answers with a citation that opens the page with the quote marked', async () => {
    await page.getByRole('link', { name: 'Ask' }).click();
    const asked = performance.now();
    await page.getByLabel('Your question').fill('How many days of annual leave do full-time employees get?');
    await page.keyboard.press('Enter');
    await page.locator('.card.source').first().waitFor({ timeout: 60_000 });
    process.stderr.write(`first cited answer after ${Math.round(performance.now() - asked)} ms\n`);
    await page.locator('.answer').getByText('28 days').waitFor();
    await page.getByRole('button', { name: /Source 1: employee-handbook.pdf/ }).click();
    const viewer = page.getByRole('complementary', { name: /employee-handbook\.pdf/ });
    await viewer.getByRole('img', { name: 'The cited passage' }).waitFor({ timeout: 60_000 });
    await page.screenshot({ path: join(pictures, 'answer.png') });
    await viewer.getByRole('button', { name: 'Text', exact: true }).click();
    expect(await viewer.locator('mark.cited').first().textContent()).toContain('28 days');
    await viewer.getByLabel('Search in this document').fill('sick leave');
    await viewer.getByText(/^1 of \d+$/).waitFor();
    // beside an open document the navigation shows pictures alone
    expect(await findViolations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await viewer.waitFor({ state: 'detached' });
  }, 120_000);

  it('keeps the conversation over a reload, and shows the closest passages where nothing answers', async () => {
    await page.reload();
    await page.locator('.exchange').getByText('28 days').first().waitFor();
    await page.getByLabel('Your question').fill('Which unicorn won the Eurovision contest on Mars in 1813?');
    await page.keyboard.press('Enter');
    await page.getByText('No passage surely answers this question.').waitFor({ timeout: 60_000 });
  }, 90_000);

  it('has no violation that axe knows, in any view and either colour scheme', async () => {
    const found: string[] = [];
    await page.locator('.card-open').first().click();
    await page.getByRole('complementary').waitFor();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      found.push(...(await findViolations(page)).map((what) => `answer, ${colorScheme}: ${what}`));
    }
    for (const view of [...views, ...settingsPages.map((name) => `settings/${name}`)]) {
      await page.goto(`${server.url}/#/${view}`);
      await page.locator('main h1').first().waitFor();
      await page.getByText('Loading …').waitFor({ state: 'detached' });
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        // the theme changes nothing but colours
        const rules = colorScheme === 'light' ? 'all' : 'colours';
        found.push(...(await findViolations(page, rules)).map((what) => `${view}, ${colorScheme}: ${what}`));
        await page.screenshot({ path: join(pictures, `${view.replace('/', '-')}-${colorScheme}.png`) });
      }
    }
    expect(found).toEqual([]);
  }, 180_000);

  it('never scrolls sideways on a phone, with the longest set name and a failed document', async () => {
    await page.goto(`${server.url}/#/documents`);
    await upload(page, [text('note.md', '# Note\n\nA short note.')], longSet);
    await page
      .getByRole('row', { name: /note\.md/ })
      .getByText('Ready')
      .waitFor({ timeout: 60_000 });
    await page.setViewportSize({ width: 390, height: 844 });
    for (const view of views) {
      await page.goto(`${server.url}/#/${view}`);
      await page.locator('main h1').first().waitFor();
      const width = await page.evaluate('document.documentElement.scrollWidth');
      expect([view, width]).toEqual([view, 390]);
      await page.screenshot({ path: join(pictures, `${view}-phone.png`) });
    }
    await page.setViewportSize({ width: 1440, height: 900 });
  }, 120_000);

  it('sends few requests while many documents are ingested', async () => {
    await page.goto(`${server.url}/#/documents`);
    await page.locator('main h1').first().waitFor();
    let requests = 0;
    const count = (request: { url: () => string }) => {
      if (request.url().includes('/agent/') && !request.url().includes('/agent/events')) requests++;
    };
    const form = new FormData();
    form.append('document_set', 'many');
    for (let place = 0; place < 10; place++)
      form.append('files', new Blob([`Note ${place} is about item ${place}.`]), `item-${place}.md`);
    page.on('request', count);
    const began = performance.now();
    await fetch(`${server.url}/agent/upload`, { method: 'POST', body: form, headers: { 'x-api-key': key } });
    await page
      .getByRole('row', { name: /item-9\.md/ })
      .getByText('Ready')
      .waitFor({ timeout: 60_000 });
    const seconds = (performance.now() - began) / 1000;
    page.off('request', count);
    expect(requests).toBeLessThanOrEqual(Math.ceil(seconds) + 2);
  }, 90_000);

  it('deletes with a receipt', async () => {
    await page.getByLabel('Select broken.pdf').check();
    await page.getByRole('toolbar').getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText(/Deleted 1 document with/).waitFor();
    await page.getByRole('row', { name: /broken\.pdf/ }).waitFor({ state: 'detached' });
    // the button that had the focus is gone: the keyboard goes on in the page, not at its beginning
    await page.locator('main:focus').waitFor();
  }, 60_000);

  it('adds a webhook, shows its secret once and sends a failed delivery again', async () => {
    await page.goto(`${server.url}/#/settings/webhooks`);
    await page.getByRole('button', { name: 'Add a webhook' }).click();
    // nothing listens there
    await page.getByLabel('Address').fill('http://127.0.0.1:9/hook');
    await page.getByRole('dialog').getByRole('button', { name: 'Add a webhook' }).click();
    const secret = page.getByRole('textbox', { name: 'Secret of the signatures' });
    expect(await secret.inputValue()).toMatch(/^whsec_/);
    await page.keyboard.press('Escape');
    await secret.waitFor({ state: 'detached' });
    await fetch(`${server.url}/agent/documents/note.md?document_set=${longSet}`, {
      method: 'DELETE',
      headers: { 'x-api-key': key },
    });
    await page.getByRole('button', { name: 'Deliveries' }).click();
    const delivery = page.getByRole('row', { name: /a document was deleted/ });
    await delivery.getByText('ECONNREFUSED').waitFor({ timeout: 60_000 });
    await delivery.getByRole('button', { name: 'Send again' }).click();
    await page.getByText('1 delivery is sent again.').waitFor();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('No webhooks yet.').waitFor();
  }, 120_000);

  it('adds a source, runs it and says what is wrong with one', async () => {
    writeFileSync(join(sourceFolder, 'rules.md'), '# Rules\n\nThe gate closes at nine.');
    await page.goto(`${server.url}/#/settings/sources`);
    const add = async (path: string) => {
      await page.getByRole('button', { name: 'Add a source' }).click();
      await page.getByLabel('Kind').selectOption('folder');
      await page.getByLabel('Path on the server').fill(path);
      await page.getByLabel('Into the set').fill('rules');
      await page.getByRole('dialog').getByRole('button', { name: 'Add a source' }).click();
    };
    await add('/etc');
    await page.getByRole('dialog').getByRole('alert').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await add(sourceFolder);
    const entry = page.getByRole('listitem').filter({ hasText: sourceFolder });
    await entry.getByText('Up to date').waitFor({ timeout: 60_000 });
    await entry.getByText('1 new, 0 changed, 0 removed, 0 failed').waitFor();
    rmSync(join(sourceFolder, 'rules.md'));
    await entry.getByRole('button', { name: 'Run now' }).click();
    await entry.getByText('0 new, 0 changed, 1 removed, 0 failed').waitFor({ timeout: 60_000 });
    await entry.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await page.getByText('No sources yet.').waitFor();
  }, 120_000);

  it('deletes a whole set once its name is typed, with a receipt', async () => {
    await page.goto(`${server.url}/#/documents`);
    await page.getByLabel('Set', { exact: true }).selectOption('many');
    await page.getByRole('button', { name: 'Delete the set' }).click();
    const confirm = page.getByRole('dialog').getByRole('button', { name: 'Delete the set' });
    expect(await confirm.isDisabled()).toBe(true);
    await page.getByLabel('Type “many” to confirm').fill('many');
    await confirm.click();
    await page.getByText('Deleted 10 documents with 10 passages.').waitFor({ timeout: 60_000 });
    await page.getByRole('link', { name: 'employee-handbook.pdf' }).waitFor();
  }, 90_000);

  it('brings in 300 dropped files although the service is killed while they are sent', async () => {
    const { port } = new URL(server.url);
    const files = Array.from({ length: 300 }, (_, place) =>
      text(`drop-${place}.txt`, `Crate ${place} stands in hall ${place % 7}.`),
    );
    // a new page has an empty list of uploads
    await page.goto(`${server.url}/#/documents`);
    await page.reload();
    // before the page has drawn itself, nobody takes what is dropped
    await page.getByLabel('Set', { exact: true }).waitFor();
    await upload(page, files, 'flood');
    await page.getByText(/^[1-9]\d* of 300 files sent/).waitFor({ timeout: 60_000 });
    await server.stop('SIGKILL');
    await page.getByText('The service cannot be reached').first().waitFor({ timeout: 30_000 });
    await page.screenshot({ path: join(pictures, 'away.png') });
    server = await start(port);
    await page.getByText('Connected').waitFor({ timeout: 60_000 });
    await page.getByText(/^300 of 300 files are ready/).waitFor({ timeout: 180_000 });
    const { sets } = (await callAs(key, 'GET', '/agent/documentsets')) as {
      sets: { name: string; documents: number }[];
    };
    expect(sets.find(({ name }) => name === 'flood')?.documents).toBe(300);
  }, 300_000);

  it('selects all that match, beyond the page of the list, and deletes them with one receipt', async () => {
    await page.getByRole('button', { name: 'Clear list' }).click();
    await page.getByLabel('Set', { exact: true }).selectOption('flood');
    const narrowed = page.waitForResponse((response) => response.url().includes('q=drop-1'));
    await page.getByLabel('Search by name').fill('drop-1');
    await narrowed;
    await page
      .locator('.documents-table td.name')
      .filter({ hasNotText: /^drop-1/ })
      .first()
      .waitFor({ state: 'detached' });
    await page.getByLabel('Select all on this page').check();
    await page.getByText('50 selected').waitFor();
    await page.getByRole('button', { name: 'Select all that match' }).click();
    // drop-1, drop-10 to drop-19 and drop-100 to drop-199
    await page.getByText('111 selected').waitFor();
    await page.getByRole('toolbar').getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('heading', { name: 'Delete 111 documents?' }).waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('Deleted 111 documents with 111 passages.').waitFor({ timeout: 60_000 });
    await page.getByText('No document matches').waitFor();
    await page.getByRole('button', { name: 'Clear filters' }).first().click();
    await page
      .getByRole('link', { name: /^drop-2/ })
      .first()
      .waitFor();
  }, 120_000);

  it('shows warnings and errors of a document in German', async () => {
    const files = [
      { filename: 'offen.csv', content: 'Ort,Menge\n"Graz,1\nLinz,2\n' },
      { filename: 'kaputt.pdf', content_base64: Buffer.from('%PDF-1.7\nbroken').toString('base64') },
      {
        filename: 'geheim.pdf',
        content_base64: readFileSync('test/files/corpus/files/unstructured-password.pdf').toString('base64'),
      },
    ];
    const sent = (await callAs(key, 'POST', '/agent/ingest', { document_set: 'post', files })) as {
      task_id: string;
      documents: { id: string }[];
    };
    await callAs(key, 'GET', `/agent/status/${sent.task_id}?wait=30`);
    const german = await browser.newContext({
      locale: 'de-DE',
      storageState: {
        cookies: [],
        origins: [
          {
            origin: server.url,
            localStorage: [{ name: 'docent.credential', value: JSON.stringify({ key }) }],
          },
        ],
      },
    });
    const seite = await german.newPage();
    await seite.goto(`${server.url}/#/documents/${sent.documents[0]?.id}`);
    await seite.getByText('Ein Anführungszeichen wird nie geschlossen.').waitFor();
    await seite.screenshot({ path: join(pictures, 'document-german.png') });
    await seite.goto(`${server.url}/#/documents/${sent.documents[1]?.id}`);
    await seite.getByText('Die Datei ist beschädigt und lässt sich nicht öffnen. Speichern Sie').waitFor();
    expect(await seite.getByRole('button', { name: 'Erneut lesen' }).count()).toBe(1);
    await seite.goto(`${server.url}/#/documents/${sent.documents[2]?.id}`);
    await seite.getByText('mit einem Passwort geschützt').waitFor();
    expect(await seite.getByRole('button', { name: 'Erneut lesen' }).count()).toBe(0);
    // a dialog hides what does not fit: German words are longer
    await seite.setViewportSize({ width: 390, height: 844 });
    await seite.goto(`${server.url}/#/documents`);
    await seite.getByRole('button', { name: 'Dokumente hinzufügen' }).first().click();
    await seite.getByRole('dialog').getByText('Ordner wählen').waitFor();
    const cutOff = await seite.evaluate(`[...document.querySelectorAll('dialog[open] *')]
      .map((part) => [part.getBoundingClientRect(), part.textContent])
      .filter(([{ left, right }]) => left < 0 || right > 390)
      .map(([, text]) => text)`);
    expect(cutOff).toEqual([]);
    await seite.screenshot({ path: join(pictures, 'add-phone-german.png') });
    await german.close();
  }, 60_000);

  it('says which files may have arrived when their upload is cancelled', async () => {
    await page.goto(`${server.url}/#/documents`);
    await page.reload();
    await page.locator('main h1').first().waitFor();
    // no answer comes
    await page.route('**/agent/upload', () => undefined);
    const files = Array.from({ length: 21 }, (_, place) => text(`late-${place}.txt`, `Note ${place}`));
    await upload(page, files, 'late');
    await page.getByRole('button', { name: 'Cancel uploads' }).click();
    await page.getByText('Cancelled before it was sent.').waitFor();
    // two requests of ten files were under way
    expect(await page.getByText('Cancelled while it was being sent: it may have arrived.').count()).toBe(20);
    await page.unroute('**/agent/upload');
  }, 60_000);

  it('goes on at the content for the keyboard when the link that was followed is gone', async () => {
    await page.goto(`${server.url}/#/documents`);
    await page.locator('tbody a').first().focus();
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'All documents' }).waitFor();
    await page.locator('main:focus').waitFor();
  }, 60_000);

  it('lets names, questions and quotes in Arabic run from right to left', async () => {
    await callAs(key, 'POST', '/agent/ingest', {
      document_set: 'arabic',
      files: [
        { filename: 'دليل المكتب (نسخة).md', content: '# المكتب\n\nيفتح المكتب في الساعة التاسعة صباحا.' },
      ],
    });
    await page.goto(`${server.url}/#/documents?set=arabic`);
    const direction = (selector: string) =>
      page.evaluate(`getComputedStyle(document.querySelector(${JSON.stringify(selector)})).unicodeBidi`);
    await page.getByText('دليل المكتب (نسخة).md').first().waitFor();
    await page.goto(`${server.url}/#/ask`);
    await page.getByLabel('Your question').fill('متى يفتح المكتب؟');
    await page.keyboard.press('Enter');
    await page.locator('.card').first().waitFor({ timeout: 60_000 });
    for (const selector of ['.asked', '.place-name', '.card :is(blockquote, .excerpt)', 'textarea'])
      expect([selector, await direction(selector)]).toEqual([selector, 'plaintext']);
  }, 90_000);

  it('says of a damaged address that its document does not exist', async () => {
    await page.goto(`${server.url}/#/documents/%zz`);
    await page.reload();
    await page.getByText('This document does not exist any more.').waitFor();
  }, 60_000);

  it('shows a view that it has not loaded yet as soon as the service can be reached again', async () => {
    const storageState = {
      cookies: [],
      origins: [
        {
          origin: server.url,
          localStorage: [{ name: 'docent.credential', value: JSON.stringify({ key }) }],
        },
      ],
    };
    const other = await browser.newContext({ locale: 'en-GB', storageState });
    const fresh = await other.newPage();
    await fresh.goto(server.url);
    await fresh.getByText('Connected').waitFor();
    await other.setOffline(true);
    await fresh.getByRole('link', { name: 'Overview' }).click();
    await fresh.getByText('Loading').waitFor();
    await other.setOffline(false);
    await fresh.getByRole('heading', { name: 'Overview' }).waitFor();
    await other.close();
  }, 60_000);

  it('shows the page of the API with the credential of the console', async () => {
    await page.goto(`${server.url}/docs`);
    await page.locator('.opblock').first().waitFor({ timeout: 60_000 });
    const stranger = await browser.newPage();
    await stranger.goto(`${server.url}/docs`);
    await stranger.getByLabel('API key or token').waitFor();
    await stranger.close();
  }, 90_000);

  it('signs out, in every tab', async () => {
    await page.goto(`${server.url}/#/ask`);
    const other = await context.newPage();
    await other.goto(`${server.url}/#/documents`);
    await other.getByRole('heading', { name: 'Documents' }).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('API key or token').waitFor();
    await other.getByText('Your sign-in has ended. Please sign in again.').waitFor();
    await other.close();
    await page.reload();
    await page.getByLabel('API key or token').waitFor();
  }, 60_000);

  it.each<[Misbehaviour, RegExp]>([
    ['refuses', /You are not a member/],
    ['forgets the state', /was not started in this tab/],
    ['names another issuer', /cannot be used/],
    ['answers with a page', /cannot be used/],
    ['refuses the code', /The code is used up/],
    ['mints an id token of another sign-in', /cannot be used/],
    ['gives no token', /cannot be used/],
    ['hangs up', /cannot be reached/],
    ['mints for another audience', /this service does not accept it/],
  ])('explains that the provider %s, and refuses the sign-in', async (how, told) => {
    provider.misbehave(how);
    await page.getByRole('button', { name: 'Sign in with your organisation' }).click();
    await page.getByRole('alert').filter({ hasText: told }).waitFor();
    expect(page.url()).not.toMatch(/code=|state=|error=/);
    provider.misbehave(undefined);
  });

  it('signs in at an OpenID provider, renews its tokens, and signs out there, too', async () => {
    const before = provider.renewals();
    provider.lifetime(30);
    await page.getByRole('button', { name: 'Sign in with your organisation' }).click();
    await page.locator('.who').getByText('ada@example.org').waitFor();
    provider.lifetime(600);
    await page.reload();
    await page.locator('.who').getByText('ada@example.org').waitFor();
    const renewed = provider.renewals();
    expect(renewed).toBeGreaterThan(before);
    // the renewed tokens are kept and last
    await page.reload();
    await page.locator('.who').getByText('ada@example.org').waitFor();
    expect(provider.renewals()).toBe(renewed);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Sign in with your organisation' }).waitFor();
    await page.waitForURL(`${server.url}/`);
    expect(provider.signedOut()?.get('id_token_hint')).toBeTruthy();
    await page.reload();
    await page.getByRole('button', { name: 'Sign in with your organisation' }).waitFor();
  }, 60_000);

  it('logged no error of its own', () => {
    expect(faults).toEqual([]);
  });
});

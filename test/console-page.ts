import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export interface DroppedFile {
  name: string;
  base64: string;
}
export const text = (name: string, content: string): DroppedFile => ({
  name,
  base64: Buffer.from(content).toString('base64'),
});
export const sample = (name: string): DroppedFile => ({
  name,
  base64: readFileSync(`samples/${name}`).toString('base64'),
});

// what runs in the page is text: the types of a browser are not those of this project's tests
/** Drops files as a person does, anywhere on the page. */
async function drop(page: Page, files: DroppedFile[]): Promise<void> {
  const dataTransfer = await page.evaluateHandle(`(() => {
    const made = new DataTransfer();
    for (const { name, base64 } of ${JSON.stringify(files)})
      made.items.add(new File([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], name));
    return made;
  })()`);
  for (const event of ['dragenter', 'dragover', 'drop'])
    await page.dispatchEvent('body', event, { dataTransfer });
}

/** Drops files and says into which set they go. */
export async function upload(page: Page, files: DroppedFile[], set: string): Promise<void> {
  await drop(page, files);
  await page.getByLabel('Into the set').fill(set);
  await page.getByRole('dialog').getByRole('button', { name: 'Add documents' }).click();
}

/** What axe finds on the page as it is: by all its rules, or by those about colours. */
export async function findViolations(page: Page, rules: 'all' | 'colours' = 'all'): Promise<string[]> {
  await page.evaluate(axeSource);
  const options = rules === 'all' ? '{}' : "{ runOnly: ['color-contrast', 'link-in-text-block'] }";
  return page.evaluate(`axe.run(${options}).then(({ violations }) =>
    violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html.slice(0, 160)).join(' | ')))`);
}

#!/usr/bin/env node
// Prints the PDFs of test/files/parsing whose tables and headings are known, with Chromium:
//   node scripts/make-printed-pages.mjs [NAME…]
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const folder = join(dirname(fileURLToPath(import.meta.url)), '..', 'test', 'files', 'parsing');
const plain = 'body{font:11pt/1.35 "Liberation Serif"} table{border-spacing:0}';
const makeRows = (rows) =>
  rows.map((cells) => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`).join('');
const sentence =
  'The harbour store keeps valves, seals and cables for the three quays, and orders them each quarter.';

/** Each page with its style, its body, and `tagged` where the file holds a structure tree. */
const pages = {
  'tagged-report': {
    tagged: true,
    style: `${plain} h2{font-size:1em;font-weight:normal} td,th{padding:2px 10px 2px 0} .big{font-size:17pt}`,
    body: `<h1>Store report</h1><p>${sentence} ${sentence}</p>
      <h2>Stock at the end of the quarter</h2>
      <table><tr><th rowspan=2>Part</th><th colspan=2>North quay</th><th rowspan=2>Place</th></tr><tr><th>2024</th><th>2025</th></tr>
      ${makeRows([
        ['Ball valve', '12', '14', 'Shelf A'],
        ['Seal', '', '250', 'Drawer 7'],
        ['Cable', '30', '', 'Reel 2'],
      ])}</table>
      <p class=big>Not a heading, only large</p>
      <img alt="Bar chart: the stock of seals rises from 90 to 250" width=120 height=40
        src="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='9' height='9'%3E%3Crect width='9' height='9'/%3E%3C/svg%3E">
      <p>${sentence}</p>`,
  },
  'uneven-cells': {
    style: `${plain} table{border-collapse:collapse;border-top:1px solid #000;border-bottom:1px solid #000} thead tr{border-bottom:1px solid #000} td,th{padding:2px 9px}`,
    body: `<p>${sentence}</p><table><thead><tr><th>Store</th><th>Keeper</th><th>Pieces</th></tr></thead>
      ${makeRows([
        ['Store of<br>the north quay', 'Audit', '2023'],
        ['South quay', 'Budget office<br>of the harbour', '77.5 %'],
        ['East quay', 'Preliminary', '15'],
      ])}</table>`,
  },
};

const found = ['chromium', 'chromium-browser', 'google-chrome'].find(
  (name) => spawnSync('which', [name]).status === 0,
);
const browser = await chromium.launch({
  executablePath:
    process.env.CHROMIUM_PATH ??
    spawnSync('which', [found ?? 'chromium'])
      .stdout.toString()
      .trim(),
  args: ['--no-sandbox'],
});
const wanted = process.argv.slice(2);
for (const [name, { style, body, tagged = false }] of Object.entries(pages)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const page = await browser.newPage();
  await page.setContent(
    `<html lang=en><title>${name}</title><style>${style}</style><body>${body}</body></html>`,
  );
  await page.pdf({
    path: join(folder, `${name}.pdf`),
    format: 'A5',
    tagged,
    margin: { top: '15mm', bottom: '15mm', left: '15mm', right: '15mm' },
  });
  await page.close();
}
await browser.close();

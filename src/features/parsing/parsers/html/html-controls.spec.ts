import { describe, expect, it } from '@jest/globals';
import { parseWith } from '../../../../../test/office-files.js';
import { parse } from './html.js';

const prose = `<h1>Pumps</h1>${'<p>Prime the pump for forty seconds before you open the valve of the north line.</p>'.repeat(3)}`;
const read = async (body: string): Promise<string> =>
  (await parseWith(parse, Buffer.from(`<html><body>${body}</body></html>`))).parts[0]?.markdown ?? '';

describe('what a page draws and does not say', () => {
  it('is not read: empty items, links and headings, labels of advertisements, menus of scripts', async () => {
    const ad = '<div class="x"><span>Advertisement</span></div>';
    const menu =
      '<ul><li><a href="#">Edit</a></li><li><a href="javascript:void(0)">Flag</a></li><li><a>Hide</a></li></ul>';
    const body = `${prose}<ul><li></li><li><a href="/b"><img alt=""></a></li></ul>${ad}${menu}<h2><b></b></h2>${ad}<p>Close it <a href="/v">then</a>, <a href="/w">there</a> and <a href="/x">here</a>.</p>`;
    expect((await read(body)).split('\n\n').slice(4)).toEqual([
      'Close it [then](/v), [there](/w) and [here](/x).',
    ]);
    expect(await read(`${prose}<div class="ad-label">Anzeige</div>`)).not.toContain('Anzeige');
  });

  it('describes a picture that stands in many places once', async () => {
    const picture = '<img src="p.png" alt="Art for this story">';
    expect((await read(`${prose}${`<p>a ${picture}</p>`.repeat(3)}`)).match(/Art for/g)).toHaveLength(1);
    expect((await read(`${prose}${`<p>a ${picture}</p>`.repeat(2)}`)).match(/Art for/g)).toHaveLength(2);
  });

  it('stays where it may be text', async () => {
    expect(await read(`${prose}<p>Advertising</p>`)).toContain('Advertising');
    expect(await read(`${prose}<h2>Advertising</h2><p>a</p><p>Advertising</p>`)).toContain('## Advertising');
    const questions =
      '<ul><li><a href="#">Which oil?</a> The thin one.</li><li><a href="#">How much?</a> Two litres.</li><li><a href="#">When?</a> In May.</li></ul>';
    expect(
      await read(`${prose}<a href="/a">A</a><a href="/b">B</a><a href="/c">C</a>${questions}`),
    ).toContain('Which oil?');
    const draft =
      '<ul><li><a href="#">Oils</a></li><li><a href="#">Seals</a></li><li><a href="#">Hoses</a></li></ul>';
    expect(await read(`${prose}${draft}`)).toContain('Seals');
  });

  it('is the page behind the article that one came for', async () => {
    const teasers =
      '<p>Something else happened far away, in a town that nobody here has heard of.</p>'.repeat(40);
    const article = `<article>${prose.repeat(6)}</article>`;
    const page = await read(`<div aria-hidden="true">${teasers}</div><div>${article}</div>`);
    expect(page).toContain('Prime the pump');
    expect(page).not.toContain('Something else');
  });
});

describe('captions and merged cells', () => {
  it('begin with their text, and say nothing twice', async () => {
    const figure = '<figure><img alt="A pump"><figcaption> The <b>north</b> pump. </figcaption></figure>';
    expect(await read(prose + figure)).toContain('*The **north** pump.*');
    const table =
      '<table><tr><th>Year</th><th>Quarter</th><th>Flow</th></tr><tr><td rowspan=3>2031</td><td rowspan=3>Q2</td></tr><tr><td>7</td></tr><tr><td>9</td></tr></table>';
    expect(await read(prose + table)).toContain('| --- | --- | --- |\n| 2031 | Q2 | 7 |\n| 2031 | Q2 | 9 |');
  });
});

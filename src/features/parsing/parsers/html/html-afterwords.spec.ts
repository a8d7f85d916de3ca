import { describe, expect, it } from '@jest/globals';
import { parseWith } from '../../../../../test/office-files.js';
import { parse } from './html.js';

const sentence = 'Prime the pump for forty seconds before you open the valve of the north line. ';
const prose = (times: number) => `<h1>Pumps</h1>${`<p>${sentence.repeat(3)}</p>`.repeat(times)}`;
const read = async (body: string): Promise<string> =>
  (await parseWith(parse, Buffer.from(`<html><body><main>${body}</main></body></html>`))).parts[0]
    ?.markdown ?? '';

describe('what stands behind the text of a page', () => {
  const comment = (text: string) =>
    `<li class="comment even"><div class="comment-body"><p>${text}</p></div></li>`;

  it('is left out where visitors comment on it', async () => {
    const comments = `<section id="comments"><h2>2 replies</h2><ol class="comment-list">${comment('Mine is louder.')}${comment('Same here.')}</ol></section>`;
    expect(await read(prose(8) + comments)).not.toMatch(/louder|Same here|2 replies/);
    const loose = `<div class="comment">Mine is louder.</div><div class="comment">Same here.</div>`;
    expect(await read(prose(8) + loose)).not.toMatch(/louder|Same here/);
  });

  it('stays on a page that holds little else, and in code', async () => {
    expect(await read(`<h1>Which pump?</h1><div id="comments">${prose(8)}</div>`)).toContain(
      'Prime the pump',
    );
    expect(await read(`${prose(8)}<div class="comment">A single remark stays.</div>`)).toContain(
      'A single remark',
    );
    expect(
      await read(
        `${prose(8)}<pre><span class="comment"># keep</span> <span class="comment"># me</span></pre>`,
      ),
    ).toMatch(/keep.*me/);
  });

  const teaser = (n: number) =>
    `<li><h3><a href="/n/${n}">Other story number ${n}</a></h3><p>What happened elsewhere, in short.</p></li>`;
  const teasers = `<ul>${[1, 2, 3, 4].map(teaser).join('')}</ul>`;

  it('is left out where it are teasers of other pages', async () => {
    expect(await read(prose(12) + teasers)).not.toContain('Other story');
  });

  it('stays above the text, behind a short one, and on a page of teasers', async () => {
    expect(await read(teasers + prose(12))).toContain('Other story number 4');
    expect(await read(prose(2) + teasers)).toContain('Other story number 4');
    expect(await read(`<h1>News</h1>${teasers.repeat(12)}`)).toContain('Other story number 4');
    expect(
      await read(
        `${prose(12)}<ul><li><a href="/a">Manual</a></li><li><a href="/b">Parts</a></li><li><a href="/c">Tools</a></li><li><a href="/d">Oils</a></li></ul>`,
      ),
    ).toContain('Manual');
  });

  it('has no buttons of players', async () => {
    const player =
      '<div class="video-js"><div class="vjs-control-bar"><span>Mute</span><span>Playback Rate</span></div></div>';
    expect(await read(prose(2) + player)).not.toContain('Playback Rate');
  });
});

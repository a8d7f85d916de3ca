import { describe, expect, it } from '@jest/globals';
import { parseWith } from '../../../../../test/office-files.js';
import { parse } from './html.js';

const read = (html: string, options = {}) => parseWith(parse, Buffer.from(html), 'page.html', options);
const markdown = async (html: string) => (await read(html)).parts[0]?.markdown ?? '';
const prose =
  '<p>Customers may return unused goods within 30 days of delivery, in any of our shops and by post.</p>'.repeat(
    3,
  );

describe('the content of a web page', () => {
  it('is its main part, without navigation, banners, asides and footers', async () => {
    const page = `<html><body><div id="cookie-banner">Accept all cookies</div><header><nav>Careers</nav></header>
      <main><h1>Refunds</h1>${prose}<nav>On this page</nav><aside><a href="/x">Ten tips</a></aside></main><footer>All rights reserved</footer></body></html>`;
    const text = await markdown(page);
    expect(text).toMatch(/^# Refunds\n\nCustomers may/);
    expect(text).not.toMatch(/cookies|Careers|On this page|Ten tips|rights/);
  });

  it('is found by roles, articles, or by leaving out landmarks', async () => {
    expect(
      await markdown(`<body><div role="navigation">Home</div><div role="main">${prose}</div>x</body>`),
    ).not.toMatch(/Home|x$/);
    expect(
      await markdown(
        `<body><ul class="menu"><li><a href="/">Home page</a></ul><article>${prose}</article></body>`,
      ),
    ).not.toContain('Home');
    const plain = await markdown(
      `<body><header><h1>Refunds</h1></header><div class="sidebar"><a href="/">Home page</a></div>${prose}<footer>Imprint</footer></body>`,
    );
    expect(plain).toMatch(/^# Refunds/);
    expect(plain).not.toMatch(/Home|Imprint/);
  });

  it('is the whole page where nothing else holds text', async () => {
    expect(await markdown('<body><nav><a href="/a">All there is</a></nav></body>')).toContain('All there is');
    expect(await markdown(`<body><main>Loading</main><div>${prose}</div></body>`)).toContain('30 days');
  });

  it('leaves hidden elements out with a warning, or marks them', async () => {
    const page = `<style>/* x */ .off,.b > i{display:none} @media print{.shown{display:none}} #c{visibility:hidden}</style>
      <p>Shown</p><p class="shown">also</p><p style="display: none">inline</p><p hidden>attribute</p><p class="x off">class</p><p id="c">id</p><p aria-hidden="true">aria</p><template><p>template</p></template>`;
    const left = await read(page);
    expect(left.parts[0]?.markdown).toMatch(/^Shown\s+also$/);
    expect(left.warnings).toMatchObject([
      { code: 'hidden_left_out', detail: expect.stringContaining('6 hidden elements') },
    ]);
    expect((await read(page, { includeHidden: true })).parts[0]?.markdown).toContain('[hidden] class');
  });

  it('is not what the page asks of its visitor, also inside of the main part', async () => {
    const asked = [
      '<div id="onetrust-sdk"><p>We value your privacy.</p><button>OK</button></div>',
      '<div class="box7"><p>This site uses cookies to count its visitors.</p><div><button>Alle akzeptieren</button></div></div>',
      '<div class="newsletter-box"><h3>Stay informed</h3><form><input type="email"><button>Sign up</button></form></div>',
      '<ul class="share-buttons"><li><a href="https://social.example/post">Share on Social</a></li></ul>',
      '<div class="related-posts"><h3>More</h3><a href="/a">Ten more tips</a><a href="/b">Five more traps</a></div>',
      '<form class="comment-form"><label>Your comment</label><textarea></textarea></form>',
    ].join('');
    for (const page of [
      `<main><h1>Refunds</h1>${prose}${asked}</main>`,
      `<div><h1>Refunds</h1>${prose}</div>${asked}`,
    ])
      expect(await markdown(`<body>${page}</body>`)).not.toMatch(
        /privacy|cookies|informed|Social|tips|traps|comment/,
      );
  });

  it('keeps what only has such a name, and prose about cookies', async () => {
    const page = `<body><main><h1>Refunds</h1>${prose}<div class="share"><p>Each partner holds a share of 30 percent, as the contract of 2019 says in its second part.</p></div>
      <div class="newsletter"><p>The newsletter of May told of the new yard.</p></div><p>We bake cookies.</p><button>Accept</button></main></body>`;
    expect(await markdown(page)).toMatch(/share of 30 percent[^]*newsletter of May[^]*bake cookies/);
  });

  it('is without text that a style clips, shrinks or moves away', async () => {
    const page =
      '<p>Shown</p><p style="clip-path: inset(50%)">clipped</p><p style="transform: scale(0)">shrunk</p><p style="text-indent: -9999px">moved</p><p style="text-indent: -20px">hanging</p>';
    expect(await markdown(page)).toMatch(/^Shown\s+hanging$/);
  });

  it('keeps words apart at breaks, and terms with their definitions', async () => {
    expect(await markdown('<h2>Return fees<br>by country</h2><p>one<br>two</p>')).toMatch(
      /^## Return fees by country\n\none\s+two$/,
    );
    const list = '<dl><dt>Restocking fee</dt><dd>15 percent</dd><dt>A<dt>B<dd>paid by the customer</dl>';
    expect((await markdown(list)).split(/\n+/)).toEqual([
      'Restocking fee: 15 percent',
      'A:',
      'B: paid by the customer',
    ]);
  });

  it('keeps powers apart and marks struck text, by element and by style', async () => {
    const page =
      '<style>.old{text-decoration:line-through}</style><p>10<sup>9</sup> ohm, CO<sub>2</sub>, <span class="old">EUR 5</span> <s><del>EUR 6</del></s> <u>EUR</u> 7<sup>1</sup>, see<sup><a href="#n">[3]</a></sup></p>';
    expect(await markdown(page)).toMatch(/^10\^9 ohm, CO₂, ~~EUR 5~~ ~~EUR 6~~ EUR 7\[\^1\], see/);
  });

  it('sees superscripts by style, also of selectors with several elements', async () => {
    const page = `<style>.fn{vertical-align:super} .price em{position:relative;top:-.4em;font-size:70%} .icon{vertical-align:-1px}</style>
      <p>1,250<span class="fn">3</span> and EUR 320<b style="vertical-align:.5em">1</b></p><div class="price"><p>10<em>9</em> ohm</p></div><p>Room<i class="icon">7</i></p>`;
    expect(await markdown(page)).toMatch(/^1,250\[\^3\] and EUR 320\[\^1\]\n\n10\^9 ohm\n\nRoom/);
  });

  it('takes the more specific rule, and important ones before the style of the element', async () => {
    const page = `<style>.b{display:block}#x .a{display:none}.c{display:none!important}.d{display:none}</style>
      <div id="x"><p class="a b">one</p></div><p class="c" style="display:block">two</p><p class="d" style="display:block">three</p>`;
    expect(await markdown(page)).toBe('three');
  });

  it.each([
    'opacity:0',
    'font-size:0',
    'position:absolute;left:-9999px',
    'position:absolute;clip:rect(0,0,0,0)',
    'max-height:0;overflow:hidden',
    'content-visibility:hidden',
  ])('leaves out text that %s hides', async (style) => {
    expect(await markdown(`<p>seen</p><div style="${style}">unseen</div>`)).toBe('seen');
  });

  const links = (texts: string[], href = '/story') =>
    `<ul>${texts.map((text) => `<li><a href="${href}">${text}</a></li>`).join('')}</ul>`;
  const topics = ['Harbour', 'Railway', 'Weather', 'Letters', 'Crossword'];

  it('leaves out lists of links that stand apart from the prose, whatever they are called', async () => {
    const text = await markdown(
      `<body><div class="x1">${links(topics)}</div><div class="x2"><h1>Returns</h1>${prose.repeat(3)}</div>
      <div class="x3"><h3>More stories</h3>${links(topics)}</div></body>`,
    );
    expect(text).toMatch(/^# Returns\n\nCustomers may/);
    expect(text).not.toMatch(/Harbour|More stories/);
  });

  it.each([
    ['beside paragraphs', `${prose.repeat(3)}<p>See:</p>${links(topics)}`],
    ['in a box beside paragraphs', `<div>${prose.repeat(3)}<div>${links(topics)}</div></div>`],
    ['of files', `<div>${prose.repeat(3)}</div><div>${links(topics, '/files/form.pdf')}</div>`],
    ['of addresses', `<div>${prose.repeat(3)}</div><div>${links(topics, 'mailto:ann@example.org')}</div>`],
    [
      'to several sites',
      `<div>${prose.repeat(3)}</div><div>${topics.map((topic, i) => links([topic], `https://s${i}.example/`)).join('')}</div>`,
    ],
    [
      'of titles of posts',
      `<div>${prose.repeat(3)}</div><div>${topics.map((topic) => `<h2><a href="/1">${topic}</a></h2>`).join('')}</div>`,
    ],
    ['on an index', `<h1>Topics</h1><div>${prose}</div><div>${links(topics)}</div>`],
  ])('keeps a list of links %s', async (_, body) => {
    expect(await markdown(`<body>${body}</body>`)).toContain('[Harbour]');
  });

  it('keeps a page that its script would show, or that stands behind a window', async () => {
    const page = (attributes: string, around = '') =>
      `<body>${around}<div ${attributes}><h1>Returns</h1>${prose.repeat(6)}</div></body>`;
    expect(await markdown(page('style="display: none"'))).toContain('within 30 days');
    expect(await markdown(page('aria-hidden="true"', prose.repeat(2)))).toContain('# Returns');
    expect(await markdown(page('style="display: none"', prose.repeat(6)))).not.toContain('# Returns');
  });

  it('keeps text that appears while a reader scrolls', async () => {
    expect(await markdown('<p style="opacity:0;transition:opacity 1s">later</p>')).toBe('later');
  });

  it('shows the state of form fields, and nothing of hidden ones and passwords', async () => {
    const form =
      '<form><p>Name <input value="Ann Li"></p><p><input type=checkbox checked> News</p><p><input type=radio> Large</p><p>Colour <select><option>Red<option selected>Blue</select></p><input type=hidden value=token><input type=password value=secret></form>';
    expect((await markdown(form)).split(/\n+/)).toEqual([
      'Name Ann Li',
      '[x] News',
      '[ ] Large',
      'Colour Blue',
    ]);
  });

  it('reports pictures without a description, but no ornaments', async () => {
    const { warnings } = await read(
      '<p>a</p><img src=a.png><img src=b.png alt=""><img src=c.png width=16><img alt="Sales">',
    );
    expect(warnings).toMatchObject([
      { code: 'content_without_text', detail: expect.stringContaining('1 picture.') },
    ]);
  });

  it('joins soft hyphens and headings of single letters, and counts lists as they are shown', async () => {
    const page =
      '<h2>A G R E E M E N T</h2><p>Dona&shy;dresse</p><ol start=3><li>three<li value=7>seven</ol>';
    expect(await markdown(page)).toMatch(/^## AGREEMENT\n\nDonadresse\n\n3\. three\n+7\. seven$/);
  });

  it('takes linear time over hostile pages', async () => {
    const started = performance.now();
    await markdown('<main>'.repeat(1_500) + prose + '<style>' + '/*'.repeat(100_000) + '</style>');
    await markdown(`<body>${'<div>'.repeat(20_000)}deep`);
    await markdown(`<body>${prose.repeat(3)}${'<div><a href="https://a.example/">a</a>'.repeat(1_500)}`);
    await markdown(`<body>${'<header><h1>a</h1></header>'.repeat(20_000)}${prose}</body>`);
    expect(performance.now() - started).toBeLessThan(8_000);
  });
});

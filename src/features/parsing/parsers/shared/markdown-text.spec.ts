import { describe, expect, it } from '@jest/globals';
import { codeBlock, heading, link, markdownLines } from './markdown-text.js';

describe('markdownLines', () => {
  it('keeps text as it is, but for control characters and what Markdown would take for structure', () => {
    expect(markdownLines('  a *b*\u0000 _c_\u00ad\r\n## d\n#hash\n| e |\n~~~\n')).toBe(
      'a *b* _c_\n\\## d\n#hash\n\\| e |\n\\~~~',
    );
  });
});

describe('heading', () => {
  it('stands on one line, within six levels', () => {
    expect([heading(0, 'a\n b'), heading(9, 'c'), heading(1, ' ')]).toEqual(['# a b', '###### c', '']);
  });
});

describe('link', () => {
  it('links what can be followed and leaves the rest as text', () => {
    expect(link('a ', 'https://example.org/x (1)')).toBe('[a](https://example.org/x%20%281%29) ');
    expect(link('[a]', 'mailto:a@example.org')).toBe('[\\[a\\]](mailto:a@example.org)');
    expect(link('$& $1', 'https://example.org')).toBe('[$& $1](https://example.org)');
    expect(link('a', 'file:///etc/passwd')).toBe('a');
    expect(link('https://example.org', 'https://example.org')).toBe('https://example.org');
  });
});

describe('codeBlock', () => {
  it('has a fence longer than any inside', () => {
    expect(codeBlock('a\n```\nb\n')).toBe('````\na\n```\nb\n````');
  });
});

import { describe, expect, it } from '@jest/globals';
import { startsLikeHtml } from './sniff-text.js';

const starts = (text: string): boolean => startsLikeHtml(Buffer.from(text));

describe('the beginning of a web page', () => {
  it.each([
    '<html>',
    ' \n<!DOCTYPE html>',
    '<?xml version="1.0"?>\n<html>',
    '<?XML version="1.0"?><!-- one --> <!-- > two --><body class="a">',
    '\ufeff<head>',
  ])('is recognised in %j', (text) => {
    expect(starts(text)).toBe(true);
  });

  it.each(['', ' ', 'html', '<table>', '<htmlish>', '<!-- <html>', '<!doctypehtml', '<?xml <html', '<!-->a'])(
    'is not recognised in %j',
    (text) => {
      expect(starts(text)).toBe(false);
    },
  );

  it('is found in linear time after any number of comments', () => {
    const before = process.cpuUsage();
    expect(starts('<!---->'.repeat(600))).toBe(false);
    expect(starts(`${'<?xml?> '.repeat(500)}x`)).toBe(false);
    const { user, system } = process.cpuUsage(before);
    expect(user + system).toBeLessThan(500_000);
  });
});

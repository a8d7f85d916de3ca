import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { meetsMinNode, minNode } from './node-version.js';

describe('the Node that docent runs on', () => {
  it.each([
    ['20.20.2', false],
    ['24.8.9', false],
    ['24.9.0', true],
    ['24.21.0', true],
    ['25.0.0', true],
  ])('%s meets the minimum: %s', (version, meets) => expect(meetsMinNode(version)).toBe(meets));

  it('is the same in package.json, the guide, the image and the pinned development tool', () => {
    expect(readFileSync('docs/guides/install.md', 'utf8')).toContain(`runs on Node ${minNode} or newer`);
    const image = /NODE_IMAGE=node:([\d.]+)-/.exec(readFileSync('docker/Dockerfile', 'utf8'))?.[1] ?? '';
    const { devDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      devDependencies: { node: string };
    };
    expect([meetsMinNode(image), meetsMinNode(devDependencies.node)]).toEqual([true, true]);
  });
});

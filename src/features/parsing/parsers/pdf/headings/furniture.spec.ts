import { describe, expect, it } from '@jest/globals';
import { withoutFurniture } from './furniture.js';

describe('withoutFurniture', () => {
  it.each(['## Seite 1 von 1', '### Page 3', '# 2 / 7', '## **Page 1 of 4**'])(
    'takes %s, which counts the pages, for no heading',
    (line) => {
      expect(withoutFurniture([`# Lease\n\n${line}\n\nThe lease begins in May.`])).toEqual([
        `# Lease\n\n${line.replace(/^#+ /, '')}\n\nThe lease begins in May.`,
      ]);
    },
  );

  it.each(['## 2', '## IV', '## Page layout', '## Seite 4 des Vertrags'])('keeps the heading %s', (line) => {
    expect(withoutFurniture([line])).toEqual([line]);
  });
});

import { describe, expect, it } from '@jest/globals';
import { decodeZipName } from './zip-name.js';

const read = (hex: string): string => decodeZipName(Buffer.from(hex, 'hex'), false, Buffer.alloc(0));

describe('names in archives that are not UTF-8', () => {
  it.each([
    ['9a62657273696368742067729ae1652e6d64', 'Übersicht grÜße.md', 'code page 437'],
    ['8ee2e7f1e22e6d64', 'Отчёт.md', 'that of Russia'],
    ['8f72736d9b74652e6d64', 'Årsmøte.md', 'that of Western Europe'],
    ['95f18d908f912e6d64', '報告書.md', 'that of Japan'],
    ['dc6265727369636874206772f6df652e6d64', 'Übersicht größe.md', 'that of other programs'],
  ])('%s is read as %s, by %s', (hex, name) => {
    expect(read(hex)).toBe(name);
  });
});

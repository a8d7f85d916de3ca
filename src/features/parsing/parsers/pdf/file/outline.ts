import type { PDFiumDocument } from '@hyzyla/pdfium';

/** An entry of the outline, which readers show beside the pages. */
export interface OutlineEntry {
  title: string;
  /** 1 for entries at the top. */
  level: number;
  /** 1-based */
  page: number;
}

const maxEntries = 5_000;
const maxDepth = 6;
const maxTitle = 1_024;

/** The outline of a document. Entries that lead back to one before, or to no page, are left out. */
export function readOutline(document: PDFiumDocument): OutlineEntry[] {
  const [module, handle] = [document['module'], document['documentIdx']];
  const memory: number = module.wasmExports.malloc(maxTitle);
  const entries: OutlineEntry[] = [];
  const seen = new Set<number>();

  function readTitle(bookmark: number): string {
    const bytes: number = module._FPDFBookmark_GetTitle(bookmark, memory, maxTitle);
    if (bytes < 2 || bytes > maxTitle) return '';
    return Buffer.from(module.HEAPU8.subarray(memory, memory + bytes - 2)).toString('utf16le');
  }

  function readPage(bookmark: number): number {
    let place: number = module._FPDFBookmark_GetDest(handle, bookmark);
    const action: number = place ? 0 : module._FPDFBookmark_GetAction(bookmark);
    if (action) place = module._FPDFAction_GetDest(handle, action);
    return place ? module._FPDFDest_GetDestPageIndex(handle, place) + 1 : 0;
  }

  function readChildren(parent: number, level: number): void {
    let bookmark: number = module._FPDFBookmark_GetFirstChild(handle, parent);
    while (bookmark && !seen.has(bookmark) && seen.size < maxEntries) {
      seen.add(bookmark);
      const [title, page] = [readTitle(bookmark).replace(/\s+/g, ' ').trim(), readPage(bookmark)];
      if (title !== '' && page > 0) entries.push({ title, level, page });
      if (level < maxDepth) readChildren(bookmark, level + 1);
      bookmark = module._FPDFBookmark_GetNextSibling(handle, bookmark);
    }
  }

  try {
    readChildren(0, 1);
    return entries;
  } finally {
    module.wasmExports.free(memory);
  }
}

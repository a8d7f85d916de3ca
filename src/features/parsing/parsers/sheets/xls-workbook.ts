import { read, set_cptable, utils, type CellObject, type WorkBook, type WorkSheet } from '@e965/xlsx';
import * as codePages from '@e965/xlsx/dist/cpexcel.full.mjs';
import { Problem } from '../../../../common/errors.js';
import type { Omissions } from '../shared/omissions.js';
import { CompoundFile } from '../shared/compound-file.js';
import { isCompound } from '../shared/ooxml.js';
import { marked } from '../shared/text-marks.js';
import { sheetLimits, type Sheet, type SheetCell } from './sheet.js';
import type { OfficePackage } from '../shared/ooxml.js';
import { readCellEffects } from './biff-effects.js';
import { showsNothing } from './format-sections.js';
import { isUncomputed } from './biff-formulas.js';
import { formatNumber, formatText } from './xlsx-cells.js';
import { readBinaryPackageEffects } from './xlsb-effects.js';

// text of Excel 5 and 95 is in the code page of its author
set_cptable(codePages);

/** The first byte of a workbook, of any version. */
const beginOfFile = 0x09;

/**
 * Reads the sheets of a binary workbook, of BIFF records or a package of them.
 * @param office the package, for xlsb
 * @throws Problem encrypted_document, corrupt_document, too_large
 */
export function readBinarySheets(
  bytes: Buffer,
  hidden: Omissions,
  office?: OfficePackage,
): { sheets: Sheet[]; uncomputed: number } {
  const records = isCompound(bytes) ? workbookStream(bytes) : bytes;
  const withFormulas = isUncomputed(records);
  const book = open(records, withFormulas);
  const date1904 = book.Workbook?.WBProps?.date1904 === true;
  const effects = office ? readBinaryPackageEffects(office) : readCellEffects(records);
  let cells = 0;
  let characters = 0;
  let uncomputed = 0;
  const sheets = book.SheetNames.flatMap((name, place) => {
    const sheet = book.Sheets[name];
    const isHidden = (book.Workbook?.Sheets?.[place]?.Hidden ?? 0) > 0;
    const result: Sheet = { name, rows: [], merges: [], extras: [], hidden: isHidden };
    if (!sheet) return [];
    const lines = { rows: sheet['!rows'] ?? [], columns: sheet['!cols'] ?? [] };
    const met = new Set<number>();
    const withoutZeros = effects?.hidesZeros(name) ?? false;
    let isWhite = false;
    // dense sheets are sparse arrays: forEach visits existing rows only
    denseRows(sheet).forEach((row, index) => {
      const filled: SheetCell[] = [];
      row.forEach((cell, column) => {
        const isFormula = withFormulas && cell.f !== undefined;
        if (isFormula) uncomputed++;
        const read = isFormula ? { text: `=${cell.f}`, numeric: false } : cellText(cell, date1904);
        if (read.text.trim() === '') return;
        const isBlank =
          !isFormula &&
          cell.t !== 'e' &&
          ((withoutZeros && cell.t === 'n' && cell.v === 0) ||
            showsNothing(String(cell.z ?? ''), typeof cell.v === 'number' ? cell.v : null));
        if (isBlank) hidden.add('cell');
        if (isBlank && !hidden.keep) return;
        if (isBlank) read.text = marked('hidden', read.text);
        if (effects) read.text = effects.change(name, index, column, read.text);
        isWhite ||= effects?.isWhite(name, index, column) ?? false;
        const inHidden = lines.columns[column]?.hidden === true;
        if (inHidden) met.add(column);
        if (inHidden && !hidden.keep) return;
        if (inHidden || lines.rows[index]?.hidden) read.text = marked('hidden', read.text);
        filled.push({ column, ...read });
        for (const comment of cell.c ?? []) {
          if (comment.t)
            result.extras.push(
              `> Comment (${utils.encode_cell({ r: index, c: column })}): ${comment.t.replace(/\s+/g, ' ').trim()}`,
            );
        }
      });
      cells += filled.length;
      for (const cell of filled) characters += cell.text.length;
      if (cells > sheetLimits.cells || characters > sheetLimits.characters)
        throw new Problem('too_large', 'The workbook has too many cells. Split it.');
      if (filled.length > 0 && lines.rows[index]?.hidden) hidden.add('row');
      if (lines.rows[index]?.hidden && !hidden.keep) (result.skipped ??= new Set()).add(index);
      if (filled.length > 0 && (hidden.keep || !lines.rows[index]?.hidden))
        result.rows.push({ index, cells: filled });
    });
    if (isWhite && (!isHidden || hidden.keep)) hidden.addWhite();
    if (met.size > 0) hidden.add('column', { times: met.size });
    if (!hidden.keep) result.skippedColumns = met;
    result.merges = (sheet['!merges'] ?? []).map(({ s, e }) => ({
      top: s.r,
      left: s.c,
      bottom: e.r,
      right: e.c,
    }));
    return [result];
  });
  return { sheets, uncomputed };
}

/** The library would follow sectors that lead in circles until the memory is full. */
function workbookStream(bytes: Buffer): Buffer {
  const file = new CompoundFile(bytes);
  const stream = file.find('Workbook') ?? file.find('Book');
  if (stream?.[0] !== beginOfFile) throw new Problem('corrupt_document', 'The file holds no workbook.');
  return stream;
}

function open(bytes: Buffer, withFormulas: boolean): WorkBook {
  // SheetJS writes a line for every record that it does not know: a hostile file has millions
  const output = globalThis.console;
  const log = output.error;
  output.error = () => undefined;
  try {
    return read(bytes, {
      type: 'buffer',
      dense: true,
      cellFormula: withFormulas,
      cellHTML: false,
      cellText: false,
      cellNF: true,
      cellStyles: true,
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : '';
    if (/password|encrypt/i.test(reason)) throw new Problem('encrypted_document');
    throw new Problem('corrupt_document', undefined, { cause: error });
  } finally {
    output.error = log;
  }
}

const errors = new Map([
  [0x00, '#NULL!'],
  [0x07, '#DIV/0!'],
  [0x0f, '#VALUE!'],
  [0x17, '#REF!'],
  [0x1d, '#NAME?'],
  [0x24, '#NUM!'],
  [0x2a, '#N/A'],
]);

function denseRows(sheet: WorkSheet): CellObject[][] {
  return (sheet['!data'] as CellObject[][] | undefined) ?? [];
}

function cellText(cell: CellObject, date1904: boolean): { text: string; numeric: boolean } {
  switch (cell.t) {
    case 'n':
      return {
        text: Number.isFinite(cell.v) ? formatNumber(String(cell.v), cell.z ?? 0, date1904) : '',
        numeric: true,
      };
    case 'b':
      return { text: cell.v === true ? 'TRUE' : 'FALSE', numeric: false };
    case 'e':
      return { text: errors.get(Number(cell.v)) ?? '', numeric: false };
    case 'z':
      return { text: '', numeric: false };
    default:
      return { text: formatText(String(cell.v ?? ''), String(cell.z ?? '')), numeric: cell.t === 'd' };
  }
}

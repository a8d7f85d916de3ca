import { Problem } from '../../../../common/errors.js';
import type { WarningCode, WarningParams } from '../../../../common/warnings.js';
import type { ParsedPart, ParseWarning } from '../../parsed-document.js';
import type { ParserSource } from '../../parser.js';
import { oneLine } from '../shared/markdown-text.js';
import { ZipArchive } from '../shared/zip.js';
import type { MimePart } from './mime.js';

/** Attachments of one mail, nested messages included, that are read; and their bytes. */
const maxAttachments = 50;
const maxBytes = 64 * 1024 * 1024;
const maxWarnings = 20;
/**
 * Reads the files that a mail carries, each by the parser
 * of its format, within the limits of the mail itself.
 */
export class Attachments {
  readonly warnings: ParseWarning[] = [];
  private count = 0;
  private bytes = 0;

  constructor(private readonly source: ParserSource) {}

  /** The parts of one attachment, labelled with its file name; empty with a warning if it cannot be read. */
  async read(part: MimePart): Promise<ParsedPart[]> {
    const filename = oneLine(
      part.filename ?? `attachment.${this.source.embedded?.getExtension(part.type) ?? ''}`,
    )
      .replace(/[/\\]/g, '_')
      .slice(-200);
    if (/\.zip$/i.test(filename)) return this.readArchive(part.body, filename);
    const parts = await this.readFile(part.body, filename);
    if (parts === null && part.body.length > 0 && !isOrnament(filename, part.type))
      this.warnOfFormat(filename);
    return parts ?? [];
  }

  /** The files of an archive, under its name and theirs. */
  private async readArchive(body: Buffer, archive: string): Promise<ParsedPart[]> {
    const parts: ParsedPart[] = [];
    try {
      const zip = ZipArchive.open(body);
      for (const name of zip.names()) {
        if (/(?:^|\/)(?:\.|__MACOSX\/)|\/$/.test(name) || this.count > maxAttachments) continue;
        const file = zip.read(name);
        const read =
          file && (await this.readFile(file, name.slice(name.lastIndexOf('/') + 1), `${archive}/${name}`));
        if (read === null) this.warnOfFormat(`${archive}/${name}`);
        parts.push(...(read ?? []));
      }
    } catch (error) {
      this.warnUnreadable(archive, error);
    }
    return parts;
  }

  /** Null for a file of a format that is not read. */
  private async readFile(body: Buffer, filename: string, shownName = filename): Promise<ParsedPart[] | null> {
    const { embedded } = this.source;
    if (!embedded || (!embedded.isTooDeep && !embedded.canRead(filename))) return null;
    this.bytes += body.length;
    if (++this.count > maxAttachments || this.bytes > maxBytes || embedded.isTooDeep) {
      this.warn(
        'attachment_left_out',
        `${shownName} was not read: the mail carries too many or too large files.`,
        { file: shownName },
      );
      return [];
    }
    try {
      const { parts, warnings } = await embedded.read(body, filename);
      for (const { code, detail, params } of warnings)
        this.warn(code, `${shownName}: ${detail}`, { ...params, file: shownName });
      return parts
        .filter(({ markdown }) => markdown !== '')
        .map((one) => ({
          kind: 'body',
          page: null,
          label: one.label === null ? shownName : `${shownName}: ${one.label}`,
          markdown: one.markdown,
          ...(one.tables && { tables: one.tables }),
        }));
    } catch (error) {
      this.warnUnreadable(shownName, error);
      return [];
    }
  }

  warnUnreadable(file: string, error: unknown): void {
    const reason = error instanceof Problem ? error.code : 'corrupt_document';
    this.warn('attachment_unreadable', `${file} could not be read: ${reason}.`, { file, reason });
  }

  private warnOfFormat(file: string): void {
    this.warn('attachment_not_supported', `${file} was not read: docent does not read its format.`, { file });
  }

  private warn(code: WarningCode, detail: string, params: WarningParams): void {
    if (this.warnings.length < maxWarnings) this.warnings.push({ code, detail, params });
  }
}

/** Signatures, cards and small pictures of mail programs: nothing is lost with them. */
function isOrnament(filename: string, type: string): boolean {
  return /\.(?:p7[sm]|asc|sig|vcf|ics|gif|bmp|svg|ico)$/i.test(filename) || type.startsWith('image/');
}

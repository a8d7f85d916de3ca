import { Problem } from '../../../../common/errors.js';
import type { WarningCode, WarningParams } from '../../../../common/warnings.js';
import type { ParsedPart, ParseWarning } from '../../parsed-document.js';
import type { ParserSource } from '../../parser.js';
import { oneLine } from '../shared/markdown-text.js';
import type { MimePart } from './mime.js';

/** Attachments of one mail, nested messages included, that are read; and their bytes. */
const maxAttachments = 50;
const maxBytes = 64 * 1024 * 1024;
const maxWarnings = 20;
/** Reads the files that a mail carries, each by the parser of its format, within the limits of the mail itself. */
export class Attachments {
  readonly warnings: ParseWarning[] = [];
  private count = 0;
  private bytes = 0;

  constructor(private readonly source: ParserSource) {}

  /** The parts of one attachment, labelled with its file name; empty with a warning if it cannot be read. */
  async read(part: MimePart): Promise<ParsedPart[]> {
    const filename = oneLine(part.filename ?? '')
      .replace(/[/\\]/g, '_')
      .slice(-200);
    const { embedded } = this.source;
    if (!embedded || (!embedded.isTooDeep && !embedded.canRead(filename))) return [];
    this.bytes += part.body.length;
    if (++this.count > maxAttachments || this.bytes > maxBytes || embedded.isTooDeep) {
      this.warn(
        'attachment_left_out',
        `${filename} was not read: the mail carries too many or too large files.`,
        { file: filename },
      );
      return [];
    }
    try {
      const { parts, warnings } = await embedded.read(part.body, filename);
      for (const { code, detail, params } of warnings)
        this.warn(code, `${filename}: ${detail}`, { ...params, file: filename });
      return parts
        .filter(({ markdown }) => markdown !== '')
        .map((one) => ({
          kind: 'body',
          page: null,
          label: one.label === null ? filename : `${filename}: ${one.label}`,
          markdown: one.markdown,
        }));
    } catch (error) {
      const reason =
        error instanceof Problem ? error : new Problem('corrupt_document', undefined, { cause: error });
      this.warn('attachment_unreadable', `${filename} could not be read: ${reason.code}.`, {
        file: filename,
        reason: reason.code,
      });
      return [];
    }
  }

  private warn(code: WarningCode, detail: string, params: WarningParams): void {
    if (this.warnings.length < maxWarnings) this.warnings.push({ code, detail, params });
  }
}

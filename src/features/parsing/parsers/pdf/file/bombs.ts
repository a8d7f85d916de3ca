import { createInflate } from 'node:zlib';
import { Problem } from '../../../../../common/errors.js';

const maxStreamBytes = 512 * 1024 * 1024;
/**
 * Deflate expands 1,032 to 1 at most: a stream that is smaller
 * by more stays below the limit, unless it is deflated twice.
 */
const deflateRatio = 1100;

/**
 * Looks for streams that expand beyond all measure before a reader holds
 * them in memory. Images are left out: they are not decoded for their text.
 * @throws Problem archive_bomb
 */
export async function refuseBombs(bytes: Buffer, limit = maxStreamBytes): Promise<void> {
  for (const { data, times } of deflatedStreams(bytes)) {
    if (times === 1 && data.length < limit / deflateRatio) continue;
    if ((await inflatedBytes(data, times, limit)) > limit)
      throw new Problem('archive_bomb', 'A stream of the PDF expands to an excessive size.');
  }
}

function* deflatedStreams(bytes: Buffer): Generator<{ data: Buffer; times: number }> {
  for (let at = bytes.indexOf('stream'); at >= 0;) {
    const end = bytes.indexOf('endstream', at + 6);
    if (end < 0) return;
    const before = bytes.subarray(Math.max(0, at - 1000), at).toString('latin1');
    const dictionary = before.slice(before.lastIndexOf(' obj') + 1);
    const times = dictionary.match(/\/(?:FlateDecode|Fl)\b/g)?.length ?? 0;
    if (times > 0 && !/\/Subtype\s*\/Image/.test(dictionary)) {
      const start = bytes[at + 6] === 13 ? at + 8 : at + 7;
      yield { data: bytes.subarray(start, end), times };
    }
    at = bytes.indexOf('stream', end + 9);
  }
}

/**
 * Counts inflated bytes without keeping them; stops at the limit. A stream that breaks counts for its bytes
 * until then.
 */
function inflatedBytes(data: Buffer, times: number, limit: number): Promise<number> {
  return new Promise((resolve) => {
    let total = 0;
    const first = createInflate();
    const last = times > 1 ? first.pipe(createInflate()) : first;
    const finish = (): void => {
      first.destroy();
      last.destroy();
      resolve(total);
    };
    last.on('data', (piece: Buffer) => {
      total += piece.length;
      if (total > limit) finish();
    });
    for (const inflate of new Set([first, last])) inflate.on('error', finish);
    last.on('end', finish);
    first.end(data);
  });
}

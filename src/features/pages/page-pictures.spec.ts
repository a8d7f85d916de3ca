import { describe, expect, it } from '@jest/globals';
import { uuidv7 } from '../../common/ids.js';
import { blobKey } from '../../platform/blob/blob-store.js';
import type { SourceFiles } from '../ingestion/source-files.js';
import type { Database } from '../../platform/database/database.js';
import type { VersionRow } from '../../platform/database/functions.js';
import { PagePictures, type Picture } from './page-pictures.js';
import type { PicturePool } from './picture-pool.js';

/** Files that are fetched as long as `end` was not called. */
function makeSlowFiles() {
  const ended = Promise.withResolvers<never>();
  const files = { open: () => ended.promise } as unknown as SourceFiles;
  return { files, end: () => ended.reject(new Error('the file is gone')) };
}

const version = { blob_key: blobKey('originals', uuidv7()) } as unknown as VersionRow;
const picture: Picture = { tag: 'a', version, page: 1, dpi: 100, marks: [] };
const owner = (tenant: string) => ({ tenant, principal: 'a' });

describe('page pictures that wait', () => {
  it('leave places for others when one principal requests many', async () => {
    const { files, end } = makeSlowFiles();
    const pictures = new PagePictures({} as Database, files, {} as PicturePool);
    const { signal } = new AbortController();
    const waiting = Array.from({ length: 24 }, () => pictures.draw(picture, owner('greedy'), signal));
    await expect(pictures.draw(picture, owner('greedy'), signal)).rejects.toMatchObject({
      code: 'rate_limited',
      retryAfter: 1,
    });
    const other = pictures.draw(picture, owner('other'), signal);
    end();
    const ends = await Promise.allSettled([...waiting, other]);
    expect(ends.map((one) => (one.status === 'rejected' ? String(one.reason) : ''))).toEqual(
      Array.from({ length: 25 }, () => 'Error: the file is gone'),
    );
    await expect(pictures.draw(picture, owner('greedy'), signal)).rejects.toThrow('the file is gone');
  });
});

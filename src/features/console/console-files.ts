import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { extname } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { Injectable } from '@nestjs/common';

export interface ConsoleFile {
  content: Buffer;
  /** Absent where compression does not pay. */
  gzipped?: Buffer;
  type: string;
  etag: string;
}

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};
/** Beside this file in a build; a run from source takes those of the last build. */
function builtFolder(name: string): URL {
  const beside = new URL(`./${name}/`, import.meta.url);
  return existsSync(beside) ? beside : new URL(`../../../dist/features/console/${name}/`, import.meta.url);
}
const publicFolder = builtFolder('public');
const sampleFolder = builtFolder('samples');

/**
 * The built files of the console, and the sample documents
 * that it offers to an empty service. Each is read once.
 */
@Injectable()
export class ConsoleFiles {
  private readonly names = listFiles(publicFolder);
  private readonly sampleNames = listFiles(sampleFolder);
  private readonly loaded = new Map<string, Promise<ConsoleFile>>();

  /** Undefined for a name that the build did not make. */
  async read(name: string): Promise<ConsoleFile | undefined> {
    if (!(await this.names).includes(name)) return undefined;
    const file = this.loaded.get(name) ?? load(new URL(name, publicFolder));
    this.loaded.set(name, file);
    return file;
  }

  async samples(): Promise<string[]> {
    return this.sampleNames;
  }

  async readSample(name: string): Promise<ConsoleFile | undefined> {
    if (!(await this.sampleNames).includes(name)) return undefined;
    const content = await readFile(new URL(name, sampleFolder));
    return { content, type: 'application/octet-stream', etag: hashContent(content) };
  }
}

/** Paths below the folder with `/`; none before the first build. */
async function listFiles(folder: URL): Promise<string[]> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  return names
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => extname(name) !== '')
    .sort();
}

async function load(address: URL): Promise<ConsoleFile> {
  const content = await readFile(address);
  return {
    content,
    gzipped: await promisify(gzip)(content, { level: 9 }),
    type: types[extname(address.pathname)] ?? 'application/octet-stream',
    etag: hashContent(content),
  };
}

const hashContent = (content: Buffer): string =>
  `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`;

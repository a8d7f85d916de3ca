export interface ChosenFile {
  file: File;
  /** With its folders where it came in one. */
  path: string;
}

const isHidden = (path: string): boolean => path.split('/').some((name) => name.startsWith('.'));

/** Files of an `<input>`; those of a folder know their path. */
export const filesOfInput = (list: FileList | null): ChosenFile[] =>
  [...(list ?? [])]
    .map((file) => ({ file, path: file.webkitRelativePath || file.name }))
    .filter(({ path }) => !isHidden(path));

/**
 * Everything that was dropped, folders read to their last file. Hidden files are left out: nobody means them.
 */
export async function filesOfDrop(transfer: DataTransfer): Promise<ChosenFile[]> {
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  if (entries.length === 0) return [...transfer.files].map((file) => ({ file, path: file.name }));
  const files = await Promise.all(entries.map(readEntry));
  return files.flat().filter(({ path }) => !isHidden(path));
}

async function readEntry(entry: FileSystemEntry): Promise<ChosenFile[]> {
  const path = entry.fullPath.replace(/^\//, '');
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    return [{ file, path }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: ChosenFile[] = [];
  for (;;) {
    // a folder is told in pieces of a hundred, the last one empty
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return found;
    for (const inner of some) found.push(...(await readEntry(inner)));
  }
}

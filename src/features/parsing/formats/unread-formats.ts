/** What to upload in the place of files that people try and docent does not read. */
const advised: readonly [extensions: string, advice: string][] = [
  ['pages', 'Export it as PDF or Word (File > Export To), and upload that.'],
  ['numbers', 'Export it as Excel or PDF (File > Export To), and upload that.'],
  ['key', 'Export it as PDF or PowerPoint (File > Export To), and upload that.'],
  ['wps wpd wri lwp hwp hwpx sxw sdw abw rtfd', 'Save it as .docx, .odt or PDF, and upload that.'],
  [
    'sxc sdc wk1 wk3 wk4 123 wks dif slk dbf mdb accdb sqlite db parquet',
    'Save its tables as .xlsx or .csv.',
  ],
  ['sxi sdd', 'Save it as .pptx, .odp or PDF, and upload that.'],
  [
    'pub indd idml qxp vsd vsdx odg mpp one onepkg xps oxps djvu ps eps ai psd dwg dxf',
    'Save or print it as PDF.',
  ],
  ['mobi azw azw3 kfx fb2 lit chm', 'Convert it to .epub or PDF.'],
  ['heic heif avif gif bmp svg jp2 ico', 'Save it as PNG or JPEG.'],
  ['mp3 m4a wav ogg flac mp4 m4v mov avi mkv webm', 'Upload a transcript of it (.vtt, .srt or .txt).'],
  ['rar 7z tar gz tgz bz2 xz', 'Unpack it, or pack its files as .zip.'],
  ['pst ost olm', 'Export its messages as .mbox, .eml or .msg.'],
  ['p7m p7s asc gpg pgp', 'Open it where its key is, and upload its content.'],
  ['url webloc lnk gdoc gsheet gslides', 'It holds only a link: download what it leads to, and upload that.'],
];

const byExtension: ReadonlyMap<string, string> = new Map(
  advised.flatMap(([extensions, text]) =>
    extensions.split(' ').map((extension) => [extension, text] as const),
  ),
);

/** What to do with a file of this extension; undefined for one that nobody has thought of. */
export const advice = (extension: string): string | undefined => byExtension.get(extension);

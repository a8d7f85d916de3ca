import { splitPassages } from './passages.js';

/** Characters that a window may have; a longer sentence or row is a window of its own, cut at its limit. */
const maxWindow = 260;
const maxSentence = 480;
/** Windows of one chunk; what follows has none. */
const maxWindows = 32;
/** Headings of the path that stand before each window: the last ones. */
const maxHeadings = 2;

/**
 * The text of a chunk in windows of a few sentences or rows, each after its heading. A vector of a window
 * stands for what one sentence says; the vector of a whole chunk is a mean of all that it says.
 * @param language ISO 639-1, null when unknown
 */
export function cutWindows(
  { heading, content }: { heading: string | null; content: string },
  language: string | null,
): string[] {
  const title = heading?.split(' > ').slice(-maxHeadings).join(' > ');
  const lead = title ? `${title}\n` : '';
  const windows: string[] = [];
  let window = '';
  for (const { text } of splitPassages(content, language)) {
    const sentence = text.slice(0, maxSentence);
    if (window !== '' && window.length + sentence.length >= maxWindow) {
      windows.push(lead + window);
      window = '';
    }
    if (windows.length === maxWindows) return windows;
    window = window === '' ? sentence : `${window} ${sentence}`;
  }
  return window === '' ? windows : [...windows, lead + window];
}

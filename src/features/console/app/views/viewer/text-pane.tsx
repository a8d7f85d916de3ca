import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { OpenSource } from '../../state/viewer.js';
import { t } from '../../text/texts.js';
import { Blocks } from '../../ui/blocks.js';
import { Notice } from '../../ui/controls.js';
import { Icon } from '../../ui/icons.js';
import { fold, type Mark } from '../../ui/marks.js';
import type { ReadPart } from './document-text.js';
import type { Hit } from './use-search.js';

interface TextPaneProps {
  parts: ReadPart[];
  slides: boolean;
  source: OpenSource;
  hits: Hit[];
  currentHit: Hit | undefined;
}

const foldText = (text: string | null): string => (text === null ? '' : fold(text).text);

/**
 * Where the cited words stand: within the cited passage
 * where that is found, else anywhere, the cited page first.
 */
export function findCited(
  parts: ReadPart[],
  source: Pick<OpenSource, 'quote' | 'passage' | 'page'>,
): Hit | null {
  const quote = foldText(source.quote);
  if (quote === '') return null;
  const order = parts.map((_, index) => index);
  const near = (index: number) => (parts[index]?.page === source.page ? 0 : 1);
  if (source.page !== null) order.sort((left, right) => near(left) - near(right) || left - right);
  const passage = foldText(source.passage);
  for (const part of order) {
    const folded = parts[part]?.folded ?? '';
    const around = passage.length > quote.length ? folded.indexOf(passage) : -1;
    const start = around === -1 ? folded.indexOf(quote) : folded.indexOf(quote, around);
    if (start !== -1) return { part, start, end: start + quote.length };
  }
  return findAcrossParts(parts, quote);
}

/** A passage may go over the end of a part: the stretch that begins it is marked. */
function findAcrossParts(parts: ReadPart[], quote: string): Hit | null {
  const minStart = 24;
  for (let length = Math.floor(quote.length / 2); length >= minStart; length = Math.floor(length / 2)) {
    const beginning = quote.slice(0, length);
    const part = parts.findIndex(({ folded }) => folded.includes(beginning));
    if (part === -1) continue;
    const folded = parts[part]?.folded ?? '';
    const start = folded.indexOf(beginning);
    let end = start + length;
    while (end < folded.length && folded[end] === quote[end - start]) end++;
    return { part, start, end };
  }
  return null;
}

/** A document as its parsed text, with the cited passage and the hits of a search marked. */
export function TextPane({ parts, slides, source, hits, currentHit }: TextPaneProps) {
  const pane = useRef<HTMLDivElement>(null);
  const cited = useMemo(() => findCited(parts, source), [parts, source]);
  const target = currentHit ?? cited;
  useEffect(() => {
    if (!target) return;
    const part = pane.current?.querySelector(`[data-part="${target.part}"]`);
    part?.scrollIntoView({ block: 'start' });
    // the part is rendered once it comes near: its mark is there a frame later
    const timer = setTimeout(() => {
      const mark = part?.querySelector(currentHit ? 'mark.current' : 'mark.cited');
      mark?.scrollIntoView({ block: 'center' });
    }, 60);
    return () => clearTimeout(timer);
  }, [target, parts]);
  const marks = useMemo(() => marksByPart(cited, hits, currentHit), [cited, hits, currentHit]);
  return (
    <div class="text-pane" ref={pane} tabIndex={0} role="region" aria-label={t().viewer.text}>
      {source.quote !== null && !cited && (
        <Notice kind="warning">
          {t().viewer.noMark} <q>{source.quote.slice(0, 300)}</q>
        </Notice>
      )}
      {parts.map((part, index) => (
        <TextPart
          key={index}
          part={part}
          index={index}
          marks={marks.get(index)}
          near={target ? Math.abs(index - target.part) < 3 : index < 8}
          head={headOf(part, parts[index - 1], slides)}
        />
      ))}
    </div>
  );
}

function marksByPart(cited: Hit | null, hits: Hit[], current: Hit | undefined): Map<number, Mark[]> {
  const marks = new Map<number, Mark[]>();
  const add = ({ part, start, end }: Hit, kind: Mark['kind']) =>
    marks.set(part, [...(marks.get(part) ?? []), { start, end, kind }]);
  if (hits.length > 0) for (const hit of hits) add(hit, hit === current ? 'current' : 'hit');
  else if (cited) add(cited, 'cited');
  return marks;
}

interface TextPartProps {
  part: ReadPart;
  index: number;
  marks: Mark[] | undefined;
  near: boolean;
  head: PartHead;
}

interface PartHead {
  place: string | null;
  /** Set where the text was not in the file as text. */
  read: string | null;
}

/** What changes with a part: its page, the attachment that begins with it, and how it was read. */
function headOf(part: ReadPart, before: ReadPart | undefined, slides: boolean): PartHead {
  const { page, label, source } = part;
  const newPage = page !== null && page !== before?.page;
  const number = newPage ? (slides ? t().documents.slide(page) : t().documents.page(page)) : null;
  const place = [label, number].filter((words) => words !== null).join(' · ');
  const isNew = source !== 'text' && (newPage || source !== before?.source);
  return {
    place: place === '' ? null : place,
    read: isNew ? (source === 'ocr' ? t().ask.ocr : t().ask.vision) : null,
  };
}

/** One part; far from what is looked at it is only as high as it probably is. */
function TextPart({ part, index, marks, near, head }: TextPartProps) {
  const element = useRef<HTMLElement>(null);
  const [seen, setSeen] = useState(near);
  useEffect(() => {
    if (near) setSeen(true);
    if (seen || near || !element.current) return;
    const observer = new IntersectionObserver(
      (entries) => entries.some(({ isIntersecting }) => isIntersecting) && setSeen(true),
      { rootMargin: '800px 0px' },
    );
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [seen, near]);
  const height = seen ? undefined : `${Math.max(3, Math.ceil(part.folded.length / 60) * 1.6)}em`;
  return (
    <section ref={element} data-part={index} class="text-part prose" style={{ minHeight: height }}>
      {(head.place ?? head.read) !== null && (
        <p class="part-head">
          {head.place && <span>{head.place}</span>}
          {head.read && (
            <span class="badge">
              <Icon name="scan" size={14} /> {head.read}
            </span>
          )}
        </p>
      )}
      {seen && <Blocks blocks={part.blocks} marks={marks} />}
    </section>
  );
}

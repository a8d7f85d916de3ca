import { useEffect, useRef, useState } from 'preact/hooks';
import type { Box } from '../../client/types.js';
import type { OpenSource } from '../../state/viewer.js';
import { t } from '../../text/texts.js';
import { IconButton } from '../../ui/controls.js';
import { loadPage, type PageImage } from './page-images.js';

interface PageSize {
  width: number;
  height: number;
}

interface PagesPaneProps {
  source: OpenSource;
  pages: number;
  target: { page: number | null };
  /** What is marked, in points. */
  boxes: Box[];
  sizes: ReadonlyMap<number, PageSize>;
  /** The picture of the page that is looked for cannot be had. */
  onMissing: () => void;
  onText: () => void;
}

const zooms = [0.6, 0.8, 1, 1.25, 1.5, 2, 3] as const;
const pointsPerInch = 72;
const a4 = { width: 595, height: 842 };

/** The pages of a PDF as pictures, one below the other, with the quote marked. */
export function PagesPane({ source, pages, target, boxes, sizes, onMissing, onText }: PagesPaneProps) {
  const [zoom, setZoom] = useState(2);
  const [current, setCurrent] = useState(source.page ?? 1);
  const pane = useRef<HTMLDivElement>(null);
  const goToPage = (page: number) => {
    pane.current?.querySelector(`[data-page="${page}"]`)?.scrollIntoView({ block: 'start' });
    setCurrent(page);
  };
  useEffect(() => {
    if (target.page !== null) goToPage(target.page);
  }, [target]);
  const onScroll = () => {
    const { top = 0, height = 0 } = pane.current?.getBoundingClientRect() ?? {};
    const visible = [...(pane.current?.querySelectorAll<HTMLElement>('[data-page]') ?? [])].find(
      (element) => element.getBoundingClientRect().bottom > top + height / 2,
    );
    if (visible) setCurrent(Number(visible.dataset['page']));
  };
  return (
    <>
      <div class="page-tools">
        {pages > 1 && <PageChoice current={current} pages={pages} onChange={goToPage} />}
        <span class="space" />
        <IconButton
          icon="zoomOut"
          label={t().viewer.zoomOut}
          disabled={zoom === 0}
          onClick={() => setZoom(zoom - 1)}
        />
        <IconButton
          icon="zoomIn"
          label={t().viewer.zoomIn}
          disabled={zoom === zooms.length - 1}
          onClick={() => setZoom(zoom + 1)}
        />
      </div>
      <div
        class="pages-pane"
        ref={pane}
        onScroll={onScroll}
        tabIndex={0}
        role="region"
        aria-label={t().viewer.pages}
      >
        {Array.from({ length: pages }, (_, index) => (
          <PageView
            key={index}
            number={index + 1}
            source={source}
            boxes={boxes}
            size={sizes.get(index + 1) ?? (index + 1 === source.page ? source.pageSize : null)}
            zoom={zooms[zoom] ?? 1}
            onMissing={index + 1 === (source.page ?? 1) ? onMissing : undefined}
            onText={onText}
          />
        ))}
      </div>
    </>
  );
}

interface PageChoiceProps {
  current: number;
  pages: number;
  onChange: (page: number) => void;
}

function PageChoice({ current, pages, onChange }: PageChoiceProps) {
  return (
    <>
      <IconButton
        icon="left"
        label={t().common.previous}
        disabled={current <= 1}
        onClick={() => onChange(current - 1)}
      />
      <label class="page-choice">
        <span class="visually-hidden">{t().viewer.page}</span>
        <select value={current} onChange={(event) => onChange(Number(event.currentTarget.value))}>
          {Array.from({ length: pages }, (_, index) => (
            <option key={index} value={index + 1}>
              {t().viewer.pageOf(index + 1, pages)}
            </option>
          ))}
        </select>
      </label>
      <IconButton
        icon="right"
        label={t().common.next}
        disabled={current >= pages}
        onClick={() => onChange(current + 1)}
      />
    </>
  );
}

interface PageViewProps {
  number: number;
  source: OpenSource;
  boxes: Box[];
  /** In points; null where the document does not tell it. */
  size: PageSize | null;
  zoom: number;
  onMissing: (() => void) | undefined;
  onText: () => void;
}

function PageView({ number, source, boxes, size: known, zoom, onMissing, onText }: PageViewProps) {
  const element = useRef<HTMLElement>(null);
  const [near, setNear] = useState(false);
  const [image, setImage] = useState<PageImage | null>(null);
  const [drawn, setDrawn] = useState(a4);
  const size = known ?? drawn;
  const [failed, setFailed] = useState(false);
  const own = boxes.filter(({ page }) => page === number);

  useEffect(() => {
    if (!element.current) return;
    const observer = new IntersectionObserver(
      (entries) => setNear(entries.some(({ isIntersecting }) => isIntersecting)),
      { rootMargin: '900px 0px' },
    );
    observer.observe(element.current);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    if (!near) return;
    const controller = new AbortController();
    setFailed(false);
    loadPage(source.documentId, number, zoom, controller.signal).then(setImage, () => {
      if (controller.signal.aborted) return;
      setFailed(true);
      onMissing?.();
    });
    return () => controller.abort();
  }, [near, zoom, source.documentId, number]);

  const onLoad = ({ currentTarget }: { currentTarget: HTMLImageElement }) => {
    const points = pointsPerInch / (image?.dpi ?? pointsPerInch);
    setDrawn({ width: currentTarget.naturalWidth * points, height: currentTarget.naturalHeight * points });
  };
  useEffect(() => {
    if (image) element.current?.querySelector('.box')?.scrollIntoView({ block: 'center' });
  }, [image, size, boxes]);
  return (
    <figure
      ref={element}
      class="page"
      data-page={number}
      style={{ width: `${zoom * 100}%`, aspectRatio: image ? undefined : `${size.width} / ${size.height}` }}
    >
      {image && <img src={image.address} alt={t().documents.page(number)} onLoad={onLoad} />}
      {image &&
        own.map((box, index) => (
          <span
            key={index}
            class="box"
            role={index === 0 ? 'img' : undefined}
            aria-label={index === 0 ? t().viewer.passage : undefined}
            style={{
              left: `${(box.x / size.width) * 100}%`,
              top: `${(box.y / size.height) * 100}%`,
              width: `${(box.width / size.width) * 100}%`,
              height: `${(box.height / size.height) * 100}%`,
            }}
          />
        ))}
      {near && !image && !failed && <p class="hint">{t().common.loading}</p>}
      {failed && !image && (
        <p class="hint">
          {t().viewer.pageAway}{' '}
          <button type="button" class="link" onClick={onText}>
            {t().viewer.text}
          </button>
        </p>
      )}
    </figure>
  );
}

import { useEffect, useState } from 'preact/hooks';
import type { DocumentItem, DocumentSet } from '../../client/types.js';
import { useCell } from '../../state/cell.js';
import { currentMe, docent, mayDo } from '../../state/session.js';
import { hrefTo } from '../../state/router.js';
import { isSettled, uploads } from '../../state/uploads.js';
import { useData } from '../../state/use-data.js';
import { fileKind } from '../../text/format.js';
import { catalogues, language as chosen, t, type Language } from '../../text/texts.js';
import { Notice } from '../../ui/controls.js';
import { Icon } from '../../ui/icons.js';
import { LoadSamples } from '../documents/load-samples.js';

const maxExamples = 3;
const maxOldest = 6;
const maxNewest = 3;
// a heading of prose makes a better question than the name of a column
const tableKinds: readonly string[] = ['excel', 'csv', 'json', 'xml'];
const minTopic = 4;
const maxTopic = 60;

const findTitle = (filename: string): string => filename.replace(/\.[^.]+$/, '').replace(/[-_]+/g, ' ');

/** A heading that says what its passage is about, without its number. */
function findTopic(heading: string | null, title: string): string | null {
  const topic =
    (heading ?? '')
      .split(/\s+[›>]\s+/)
      .at(-1)
      ?.replace(/^[\d.\s§]+/, '')
      .trim() ?? '';
  const usable = topic.length >= minTopic && topic.length <= maxTopic && /\p{L}{3}/u.test(topic);
  return usable && topic.toLowerCase() !== title.toLowerCase() ? topic : null;
}

/** Prose before tables, and what the reader of the console can read before other languages. */
const rank = ({ media_type, language }: DocumentItem): number =>
  2 * Number(tableKinds.includes(fileKind(media_type))) +
  Number(language !== null && language !== chosen.get());

/** Questions that the documents answer: each asks for a section that one of them has. */
async function loadExamples(): Promise<string[]> {
  // an import of a thousand notes must not hide the rest
  const ends = await Promise.all([
    docent.documents({ status: 'ready', limit: maxOldest, sort: 'oldest' }),
    docent.documents({ status: 'ready', limit: maxNewest }),
  ]);
  const documents = new Map(ends.flatMap((page) => page.documents.map((found) => [found.id, found])));
  const questions: string[] = [];
  const easiestFirst = [...documents.values()].sort((left, right) => rank(left) - rank(right));
  for (const { id, filename, language } of easiestFirst) {
    if (questions.length === maxExamples) break;
    const { chunks } = await docent.chunks(id, null, 12);
    const title = findTitle(filename);
    const topics = chunks.flatMap(({ heading }) => findTopic(heading, title) ?? []);
    const topic = topics[Math.floor(topics.length / 2)];
    const texts = catalogues[language as Language] ?? t();
    // a heading of a list of questions is one already
    if (topic) questions.push(/[?？]$/.test(topic) ? topic : texts.ask.example(topic, filename));
  }
  return questions;
}

interface WelcomeProps {
  sets: DocumentSet[] | undefined;
  onAsk: (question: string) => void;
}

export function Welcome({ sets, onAsk }: WelcomeProps) {
  const empty = sets !== undefined && sets.length === 0;
  return (
    <div class="welcome">
      <img src="/console/icon.svg" alt="" width={52} height={52} />
      {empty ? (
        <FirstDocuments />
      ) : (
        <>
          <h1>{t().ask.welcome}</h1>
          <p>{t().ask.welcomeText}</p>
          {sets && <Examples key={sets.map(({ documents }) => documents).join()} onAsk={onAsk} />}
        </>
      )}
      <ModelNotices />
    </div>
  );
}

function Examples({ onAsk }: { onAsk: (question: string) => void }) {
  const reading = useCell(uploads).filter((item) => !isSettled(item)).length;
  const [enough, setEnough] = useState(false);
  // documents that are still being read have no sections to ask about yet
  const { data = [] } = useData(loadExamples, 'examples', { events: !enough });
  useEffect(
    () => setEnough(data.length === maxExamples || (data.length > 0 && reading === 0)),
    [data.length, reading],
  );
  if (data.length === 0)
    return reading > 0 ? (
      <p class="working" role="status">
        {t().upload.reading(reading)} …
      </p>
    ) : null;
  return (
    <ul class="examples" aria-label={t().ask.examples}>
      {data.map((question) => (
        <li key={question}>
          <button type="button" onClick={() => onAsk(question)}>
            <span>{question}</span>
            <Icon name="right" size={18} />
          </button>
        </li>
      ))}
    </ul>
  );
}

function FirstDocuments() {
  return (
    <>
      <h1>{t().ask.emptyTitle}</h1>
      <p>{t().ask.emptyText}</p>
      {mayDo('write') && (
        <p class="welcome-actions">
          <a class="button primary" href={hrefTo('documents')}>
            <Icon name="upload" size={18} />
            {t().ask.addDocuments}
          </a>
          <LoadSamples />
        </p>
      )}
    </>
  );
}

/** Says what the service cannot do without models, before somebody wonders. */
function ModelNotices() {
  const { models } = currentMe();
  if (models.chat && models.embedding) return null;
  return (
    <div class="model-notices">
      {!models.embedding && <Notice title={`${t().ask.wordsOnly}.`}>{t().ask.wordsOnlyText}</Notice>}
      {!models.chat && <Notice title={`${t().ask.extractive}.`}>{t().ask.extractiveText}</Notice>}
    </div>
  );
}

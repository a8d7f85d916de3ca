import type { ComponentChildren } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { useCell } from '../../state/cell.js';
import type { Conversation, Exchange } from '../../state/conversations.js';
import { openCitation } from '../../state/viewer.js';
import { t } from '../../text/texts.js';
import { Blocks } from '../../ui/blocks.js';
import { Button, Notice } from '../../ui/controls.js';
import { parseMarkdown } from '../../ui/markdown.js';
import { announce } from '../../ui/toasts.js';
import { askAgain, running, stopAnswer } from './asking.js';
import { PassageCard, SourceCard } from './source-card.js';

const shownPassages = 3;

/** One question with its answer and what the answer rests on. */
export function ExchangeView({ exchange, conversation }: { exchange: Exchange; conversation: Conversation }) {
  const active = useCell(running).has(exchange.id);
  const answered = exchange.end?.answered ?? false;
  const waitingFor = exchange.results.length === 0 ? t().ask.searching : t().ask.writing;
  return (
    <article class="exchange">
      <h2 class="asked">{exchange.question}</h2>
      {/* busy until it is whole: else each word that arrives would be read by itself */}
      <div class="answer" aria-live="polite" aria-busy={active}>
        {(answered || (active && exchange.answer !== '')) && <AnswerText exchange={exchange} />}
        {active && <p class="working">{waitingFor}</p>}
        {exchange.end && !answered && <NoAnswer exchange={exchange} />}
      </div>
      {exchange.stopped && <p class="hint">{t().ask.stopped}</p>}
      {exchange.error && <Notice kind="bad">{exchange.error}</Notice>}
      {exchange.end?.warnings?.includes('fallback') && <Notice kind="warning">{t().ask.fallback}</Notice>}
      <div class="answer-actions">
        {active ? (
          <Button icon="stop" kind="quiet" onClick={() => stopAnswer(exchange.id)}>
            {t().ask.stop}
          </Button>
        ) : (
          <>
            {answered && (
              <Button icon="copy" kind="quiet" onClick={() => void copyAnswer(exchange)}>
                {t().ask.copy}
              </Button>
            )}
            <Button icon="again" kind="quiet" onClick={() => void askAgain(conversation, exchange)}>
              {t().ask.again}
            </Button>
            {answered && exchange.end?.answer_mode === 'extractive' && (
              <span class="badge">{t().ask.extractiveBadge}</span>
            )}
          </>
        )}
      </div>
      {answered && <Sources exchange={exchange} />}
    </article>
  );
}

async function copyAnswer({ answer, citations, results }: Exchange): Promise<void> {
  const sources = citations.map(
    ({ marker, result, page }) =>
      `${marker} ${results[result]?.metadata.filename ?? ''}${page === null ? '' : `, ${t().ask.page(page)}`}`,
  );
  try {
    await navigator.clipboard.writeText([answer, ...new Set(sources)].join('\n'));
    announce(t().common.copied);
  } catch {
    announce(t().common.unknownError, 'bad');
  }
}

function AnswerText({ exchange }: { exchange: Exchange }) {
  const { answer, citations, results } = exchange;
  const blocks = useMemo(() => parseMarkdown(answer), [answer]);
  const renderText = (text: string): ComponentChildren =>
    text.split(/(\[\d+\])/).map((part, index) => {
      const citation = citations.find(({ marker }) => marker === part);
      const result = citation && results[citation.result];
      if (!citation || !result) return part;
      return (
        <button
          key={index}
          type="button"
          class="marker"
          aria-label={t().ask.sourceNumber(part.slice(1, -1))}
          title={citation.quote}
          onClick={() => openCitation(result, citation)}
        >
          {part.slice(1, -1)}
        </button>
      );
    });
  return (
    <div class="prose">
      <Blocks blocks={blocks} renderText={renderText} />
    </div>
  );
}

function Sources({ exchange: { citations, results } }: { exchange: Exchange }) {
  const [all, setAll] = useState(false);
  const markers = [...new Set(citations.map(({ marker }) => marker))];
  const cited = new Set(citations.map(({ result }) => result));
  const others = results.filter((_, place) => !cited.has(place));
  return (
    <section class="sources" aria-label={t().ask.sources}>
      <h3>{t().ask.sources}</h3>
      <ol class="cards">
        {markers.map((marker) => (
          <SourceCard
            key={marker}
            marker={marker}
            citations={citations.filter((citation) => citation.marker === marker)}
            results={results}
          />
        ))}
      </ol>
      {others.length > 0 && (
        <>
          <button type="button" class="link" aria-expanded={all} onClick={() => setAll(!all)}>
            {t().ask.otherPassages(others.length)}
          </button>
          {all && (
            <ul class="cards quiet">
              {others.map((result) => (
                <PassageCard key={result.id} result={result} />
              ))}
            </ul>
          )}
        </>
      )}
    </section>
  );
}

function NoAnswer({ exchange: { results, answer } }: { exchange: Exchange }) {
  const [all, setAll] = useState(false);
  const shown = all ? results : results.slice(0, shownPassages);
  return (
    <>
      <p class="no-answer">{results.length === 0 ? t().ask.noAnswer : t().ask.notSure}</p>
      {results.length === 0 ? (
        <p class="hint">{answer && answer !== '' ? t().ask.nothingFound : t().ask.emptyService}</p>
      ) : (
        <section aria-label={t().ask.closest}>
          <h3>{t().ask.closest}</h3>
          <p class="hint">{t().ask.closestHint}</p>
          <ul class="cards quiet">
            {shown.map((result) => (
              <PassageCard key={result.id} result={result} />
            ))}
          </ul>
          {!all && results.length > shownPassages && (
            <button type="button" class="link" onClick={() => setAll(true)}>
              {t().ask.otherPassages(results.length - shownPassages)}
            </button>
          )}
        </section>
      )}
    </>
  );
}

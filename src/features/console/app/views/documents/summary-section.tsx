import { useState } from 'preact/hooks';
import type { DocumentItem } from '../../client/types.js';
import { docent, mayDo } from '../../state/session.js';
import { useData } from '../../state/use-data.js';
import { describeError, describeFailure } from '../../text/format.js';
import { t } from '../../text/texts.js';
import { Blocks } from '../../ui/blocks.js';
import { Button, LoadError, Notice } from '../../ui/controls.js';
import { parseMarkdown } from '../../ui/markdown.js';

const waitSeconds = 20;

/** The summary of a document: made here where there is none, and asked here where there is one. */
export function SummarySection({ document }: { document: DocumentItem }) {
  const { id, filename, document_set } = document;
  const summary = useData(() => docent.readSummary(document), id);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const summarize = async () => {
    setBusy(true);
    setFailure(null);
    try {
      const { task_id } = await docent.summarize(filename, document_set);
      let task = await docent.task(task_id, waitSeconds);
      while (task.finished_at === null) task = await docent.task(task_id, waitSeconds);
      if (task.status !== 'SUCCESS') setFailure(describeFailure(task.error));
      summary.reload();
    } catch (error) {
      setFailure(describeError(error));
    }
    setBusy(false);
  };
  return (
    <section class="panel">
      <h2>{t().document.summary}</h2>
      {summary.error && <LoadError error={summary.error} onRetry={summary.reload} />}
      {summary.data === null && !busy && <p class="hint">{t().document.noSummary}</p>}
      {summary.data && (
        <>
          <div class="prose">
            <Blocks blocks={parseMarkdown(summary.data.summary_text)} />
          </div>
          <AskSummary document={document} />
        </>
      )}
      {failure && <Notice kind="bad">{failure}</Notice>}
      {summary.data === null && mayDo('write') && (
        <Button disabled={busy} onClick={() => void summarize()}>
          {busy ? t().document.summarizing : t().document.summarize}
        </Button>
      )}
    </section>
  );
}

function AskSummary({ document: { filename, document_set } }: { document: DocumentItem }) {
  const [question, setQuestion] = useState('');
  const [answer, setAnswer] = useState<string | null>(null);
  const [error, setError] = useState<unknown>();
  const ask = async () => {
    setError(undefined);
    try {
      const { answer, answered } = await docent.askSummary(filename, document_set, question);
      setAnswer(answered ? answer : t().ask.noAnswer);
    } catch (cause) {
      setError(cause);
    }
  };
  return (
    <form
      class="ask-summary"
      onSubmit={(event) => {
        event.preventDefault();
        void ask();
      }}
    >
      <div class="inline-form">
        <input
          aria-label={t().document.askSummary}
          placeholder={t().document.askSummary}
          value={question}
          maxLength={8000}
          required
          onInput={(event) => setQuestion(event.currentTarget.value)}
        />
        <Button type="submit">{t().ask.send}</Button>
      </div>
      {answer !== null && <p aria-live="polite">{answer}</p>}
      {error !== undefined && <Notice kind="bad">{describeError(error)}</Notice>}
    </form>
  );
}

import type { Me } from '../../client/types.js';
import { currentMe, docent, mayDo } from '../../state/session.js';
import { useData } from '../../state/use-data.js';
import { formatNumber, nameLanguage } from '../../text/format.js';
import { t } from '../../text/texts.js';
import { LoadError, Notice, Progress } from '../../ui/controls.js';
import { LoadState } from '../../ui/load-state.js';

/** A local model's name ends with a hash of its files. */
const shortenName = (model: string | null): string | undefined => model?.split('@')[0];

type Models = Me['models'];

/** What each model does, or what its absence means. */
function describeModels({ chat, embedding, vision, reader, reranker, ocr }: Models): ModelRow[] {
  const { settings } = t();
  const read = ocr?.driver === 'vision' ? settings.ocrVision : settings.ocrMeans;
  return [
    [settings.chat, chat, chat ? settings.chatMeans : settings.chatNone],
    [settings.reader, reader, reader ? settings.readerMeans : settings.readerNone],
    [
      settings.embedding,
      shortenName(embedding),
      embedding ? settings.embeddingMeans : settings.embeddingNone,
    ],
    [settings.reranker, reranker, reranker ? settings.rerankerMeans : settings.rerankerNone],
    [
      settings.ocr,
      ocr && (ocr.driver === 'vision' ? vision : ocr.languages.map(nameLanguage).join(', ')),
      ocr ? read : settings.ocrNone,
    ],
    [settings.vision, vision, vision ? settings.visionMeans : settings.visionNone],
  ];
}
type ModelRow = [name: string, model: string | null | undefined, means: string];

/** Which models answer, search and read, and how far each embedding space is. */
export function ModelsPage() {
  const { data, error, reload } = useData(() => docent.me(), 'models', { everyMs: 10_000 });
  const models = data?.models ?? currentMe().models;
  return (
    <>
      {error && <LoadError error={error} onRetry={reload} stale />}
      <LocalState local={models.local} />
      <dl class="panel facts wide">
        {describeModels(models).map(([name, model, means]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <strong>{model ?? t().settings.noModel}</strong>
              <p class="hint">{means}</p>
            </dd>
          </div>
        ))}
      </dl>
      {mayDo('admin') && <Spaces />}
    </>
  );
}

/** Says when the models of this machine cannot be asked; nothing while they can. */
function LocalState({ local }: { local: Models['local'] }) {
  if (!local || local.state === 'ready') return null;
  return local.state === 'starting' ? (
    <Notice>{t().settings.localStarting}</Notice>
  ) : (
    <Notice kind="bad" title={t().settings.localFailed}>
      {local.detail}
    </Notice>
  );
}

function Spaces() {
  const loaded = useData(() => docent.spaces(), 'spaces', { events: true, everyMs: 15_000 });
  const { data } = loaded;
  if (!data) return <LoadState of={loaded} />;
  return (
    <section class="panel">
      <h2>{t().settings.spaces}</h2>
      {data.spaces.length === 0 && <p class="hint">{t().settings.noSpaces}</p>}
      <ul class="spaces">
        {data.spaces.map(({ id, provider, model, dimensions, state, chunks, missing }) => (
          <li key={id}>
            <p>
              <strong>{shortenName(model)}</strong>{' '}
              <span class="hint">{`${provider} · ${formatNumber(dimensions)}`}</span>{' '}
              <span class={state === 'active' ? 'badge good' : 'badge'}>
                {t().settings.spaceStates[state]}
              </span>
            </p>
            <p class="hint">{t().settings.spaceProgress(chunks - missing, chunks)}</p>
            {missing > 0 && chunks > 0 && <Progress value={(chunks - missing) / chunks} label={model} />}
          </li>
        ))}
      </ul>
    </section>
  );
}

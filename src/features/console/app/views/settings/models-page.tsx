import { currentMe, docent, mayDo } from '../../state/session.js';
import { useData } from '../../state/use-data.js';
import { formatNumber } from '../../text/format.js';
import { t } from '../../text/texts.js';
import { LoadError, Progress } from '../../ui/controls.js';

/** A local model's name ends with a hash of its files. */
const shortenName = (model: string | null): string | undefined => model?.split('@')[0];

/** Which models answer, search and read, and how far each embedding space is. */
export function ModelsPage() {
  const { models } = currentMe();
  const { settings } = t();
  const rows: [name: string, model: string | null | undefined, means: string][] = [
    [settings.chat, models.chat, models.chat ? settings.chatMeans : settings.chatNone],
    [
      settings.embedding,
      shortenName(models.embedding),
      models.embedding ? settings.embeddingMeans : settings.embeddingNone,
    ],
    [settings.vision, models.vision, models.vision ? settings.visionMeans : settings.visionNone],
  ];
  return (
    <>
      <dl class="panel facts">
        {rows.map(([name, model, means]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <strong>{model ?? settings.noModel}</strong>
              <p class="hint">{means}</p>
            </dd>
          </div>
        ))}
      </dl>
      {mayDo('admin') && <Spaces />}
    </>
  );
}

function Spaces() {
  const { data, error, reload } = useData(() => docent.spaces(), 'spaces', { events: true, everyMs: 15_000 });
  if (error && !data) return <LoadError error={error} onRetry={reload} />;
  return (
    <section class="panel">
      <h2>{t().settings.spaces}</h2>
      {data?.spaces.length === 0 && <p class="hint">{t().settings.noSpaces}</p>}
      <ul class="spaces">
        {data?.spaces.map(({ id, provider, model, dimensions, state, chunks, missing }) => (
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

import { docent, mayDo } from '../../state/session.js';
import { useData } from '../../state/use-data.js';
import { t } from '../../text/texts.js';
import { LoadState } from '../../ui/load-state.js';
import { ConfigurationPanel } from './configuration-panel.js';

export function HealthPage() {
  const loaded = useData(() => docent.health(), 'health', { everyMs: 10_000 });
  const { data } = loaded;
  if (!data) return <LoadState of={loaded} />;
  return (
    <>
      <dl class="panel facts">
        {Object.entries(data.details ?? {}).map(([name, { status, message, driver }]) => (
          <div key={name}>
            <dt>{t().settings.parts[name] ?? name}</dt>
            <dd>
              <span class={status === 'up' ? 'badge good' : 'badge bad'}>
                {status === 'up' ? t().settings.up : t().settings.down}
              </span>{' '}
              {driver && <span class="hint">{driver}</span>} {message}
            </dd>
          </div>
        ))}
        {data?.version && (
          <div>
            <dt>{t().settings.version}</dt>
            <dd>{data.version}</dd>
          </div>
        )}
      </dl>
      {mayDo('admin') && <ConfigurationPanel />}
    </>
  );
}

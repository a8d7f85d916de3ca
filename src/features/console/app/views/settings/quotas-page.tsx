import type { Quota } from '../../client/types.js';
import { docent } from '../../state/session.js';
import { useData } from '../../state/use-data.js';
import { formatBytes, formatNumber } from '../../text/format.js';
import { t } from '../../text/texts.js';
import { LoadError, Progress } from '../../ui/controls.js';

const names: readonly (keyof Quota)[] = ['documents', 'bytes', 'tasks', 'tokens'];

const settings: Record<keyof Quota, string> = {
  documents: 'QUOTA_DOCUMENTS',
  bytes: 'QUOTA_BYTES',
  tasks: 'QUOTA_TASKS',
  tokens: 'QUOTA_TOKENS_PER_DAY',
};

export function QuotasPage() {
  const { data, error, reload } = useData(() => docent.quota(), 'quota', { events: true });
  if (error && !data) return <LoadError error={error} onRetry={reload} />;
  return (
    <>
      <p class="hint page-intro">{t().settings.quotaIntro}</p>
      <dl class="panel meters">
        {names.map((name) => {
          const use = data?.[name];
          if (!use) return null;
          const format = name === 'bytes' ? formatBytes : formatNumber;
          return (
            <div key={name}>
              <dt>{t().settings.quotaNames[name]}</dt>
              <dd>
                {use.limit === null
                  ? `${format(use.used)} (${t().settings.noLimit})`
                  : t().settings.of(format(use.used), format(use.limit))}
                <p class="hint">{t().settings.quotaHint(settings[name])}</p>
                {use.limit !== null && (
                  <Progress value={use.used / Math.max(1, use.limit)} label={t().settings.quotaNames[name]} />
                )}
              </dd>
            </div>
          );
        })}
      </dl>
    </>
  );
}

import type { Quota, RequestUse } from '../../client/types.js';
import { currentMe, docent, mayDo } from '../../state/session.js';
import { useData } from '../../state/use-data.js';
import { formatBytes, formatDuration, formatFullTime, formatNumber } from '../../text/format.js';
import { t } from '../../text/texts.js';
import { LoadError } from '../../ui/controls.js';
import { Meter } from '../../ui/meter.js';

const names: readonly (keyof Quota)[] = ['documents', 'bytes', 'tasks', 'tokens'];

const settings: Record<keyof Quota, string> = {
  documents: 'QUOTA_DOCUMENTS',
  bytes: 'QUOTA_BYTES',
  tasks: 'QUOTA_TASKS',
  tokens: 'QUOTA_TOKENS_PER_DAY',
};

/** What the tenant and the person have used, against their limits. */
export function QuotasPage() {
  const { data, error, reload } = useData(() => docent.quota(), 'quota', { events: true });
  if (error && !data) return <LoadError error={error} onRetry={reload} />;
  if (!data) return <p class="hint">{t().common.loading}</p>;
  return (
    <>
      <p class="hint page-intro">{t().settings.quotaIntro}</p>
      <div class="columns">
        <TenantQuotas quota={data.quota} />
        <OwnLimits requests={data.requests} />
      </div>
    </>
  );
}

function TenantQuotas({ quota }: { quota: Quota }) {
  return (
    <section class="panel">
      <h2>{t().settings.quotaTenant(currentMe().tenant)}</h2>
      {names.map((name) => (
        <Meter
          key={name}
          name={t().settings.quotaNames[name]}
          {...quota[name]}
          format={name === 'bytes' ? formatBytes : formatNumber}
          note={[
            name === 'tokens' ? t().settings.quotaResets(formatFullTime(quota.tokens.resets_at)) : '',
            mayDo('admin') ? settings[name] : '',
          ]}
        />
      ))}
    </section>
  );
}

function OwnLimits({ requests }: { requests: RequestUse | null }) {
  const { subject, via, limits } = currentMe();
  const { limit, window_seconds } = limits.requests;
  const facts: [string, string][] = [
    [t().settings.quotaFile, formatBytes(limits.file_bytes)],
    [t().settings.quotaFiles, formatNumber(limits.files_per_upload)],
  ];
  return (
    <section class="panel">
      <h2>{via === 'none' ? t().settings.quotaYou : t().settings.quotaPerson(subject)}</h2>
      <Meter
        name={t().settings.quotaRequests(formatDuration(window_seconds * 1000))}
        used={requests?.used ?? 0}
        limit={requests?.limit ?? limit}
        format={formatNumber}
        note={[t().settings.quotaRequestsHint]}
      />
      <dl class="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

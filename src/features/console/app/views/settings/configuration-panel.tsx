import { docent } from '../../state/session.js';
import { useData } from '../../state/use-data.js';
import { formatNumber } from '../../text/format.js';
import { t } from '../../text/texts.js';
import { LoadError, Notice, TableFrame } from '../../ui/controls.js';

/** What the service is built of and which limits hold, as `docent check` tells it. */
export function ConfigurationPanel() {
  const { data, error, reload } = useData(() => docent.configuration(), 'configuration');
  if (error && !data) return <LoadError error={error} onRetry={reload} />;
  if (!data) return <p class="hint">{t().common.loading}</p>;
  return (
    <section class="panel">
      <h2>{t().settings.configuration}</h2>
      {data.warnings.map((warning) => (
        <Notice key={warning} kind="warning">
          {warning}
        </Notice>
      ))}
      <dl class="facts">
        {Object.entries(data.drivers).map(([name, driver]) => (
          <div key={name}>
            <dt>{t().settings.driverNames[name] ?? name}</dt>
            <dd>
              <code>{driver}</code>
            </dd>
          </div>
        ))}
        {Object.entries(data.versions).map(([name, version]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{version}</dd>
          </div>
        ))}
      </dl>
      <details class="more-facts">
        <summary>{t().settings.limits}</summary>
        <TableFrame label={t().settings.limits}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t().settings.limit}</th>
                <th scope="col" class="number-cell">
                  {t().settings.value}
                </th>
              </tr>
            </thead>
            <tbody>
              {Object.entries(data.limits).map(([name, value]) => (
                <tr key={name}>
                  <td>
                    <code>{name}</code>
                  </td>
                  <td class="number-cell">{formatNumber(value)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </TableFrame>
      </details>
      <p class="hint">{t().settings.configurationHint}</p>
    </section>
  );
}

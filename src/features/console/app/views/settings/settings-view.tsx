import type { ComponentType } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { useCell } from '../../state/cell.js';
import { hrefTo, route } from '../../state/router.js';
import { mayDo } from '../../state/session.js';
import { t } from '../../text/texts.js';
import { Notice } from '../../ui/controls.js';
import { AuditPage } from './audit-page.js';
import { HealthPage } from './health-page.js';
import { KeysPage } from './keys-page.js';
import { ModelsPage } from './models-page.js';
import { QuotasPage } from './quotas-page.js';
import { SourcesPage } from './sources-page.js';
import { WebhooksPage } from './webhooks-page.js';
import { YouPage } from './you-page.js';

type PageName = keyof ReturnType<typeof t>['settings']['pages'];
const pages: readonly { name: PageName; admin?: boolean; Page: ComponentType }[] = [
  { name: 'you', Page: YouPage },
  { name: 'keys', admin: true, Page: KeysPage },
  { name: 'quotas', Page: QuotasPage },
  { name: 'sources', admin: true, Page: SourcesPage },
  { name: 'webhooks', admin: true, Page: WebhooksPage },
  { name: 'models', Page: ModelsPage },
  { name: 'health', Page: HealthPage },
  { name: 'audit', admin: true, Page: AuditPage },
];

export default function SettingsView() {
  const { id } = useCell(route);
  const nav = useRef<HTMLElement>(null);
  useEffect(() => {
    // on a phone the page that is open may stand outside of the row
    nav.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [id]);
  const [first] = pages;
  const current = pages.find(({ name }) => name === id) ?? first;
  if (!current) return null;
  const { name, admin, Page } = current;
  return (
    <div class="page-body settings">
      <div class="page-head">
        <h1>{t().settings.title}</h1>
      </div>
      <nav ref={nav} class="settings-nav" aria-label={t().settings.title}>
        {pages.map((page) => (
          <a
            key={page.name}
            href={hrefTo('settings', page.name)}
            aria-current={page.name === name ? 'page' : undefined}
          >
            {t().settings.pages[page.name]}
          </a>
        ))}
      </nav>
      <div>{admin && !mayDo('admin') ? <Notice>{t().settings.needsAdmin}</Notice> : <Page />}</div>
    </div>
  );
}

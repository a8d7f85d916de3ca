import type { Loaded } from '../state/use-data.js';
import { t } from '../text/texts.js';
import { LoadError } from './controls.js';

/** What is said in the place of something that is not there yet: that it is on its way, or why it cannot be read. */
export function LoadState({ of: { data, error, loading, reload } }: { of: Loaded<unknown> }) {
  if (error) return <LoadError error={error} onRetry={reload} stale={data !== undefined} />;
  if (data !== undefined || !loading) return null;
  return (
    <p class="hint late" role="status">
      {t().common.loading}
    </p>
  );
}

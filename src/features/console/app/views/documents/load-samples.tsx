import { useState } from 'preact/hooks';
import { docent } from '../../state/session.js';
import { enqueue } from '../../state/uploads.js';
import { describeError } from '../../text/format.js';
import { t } from '../../text/texts.js';
import { Button } from '../../ui/controls.js';
import { announce } from '../../ui/toasts.js';

/** Fills an empty service with the documents that come with it. */
export function LoadSamples() {
  const [loading, setLoading] = useState(false);
  const load = async () => {
    setLoading(true);
    try {
      enqueue(await docent.samples(), { document_set: 'samples', pipeline: 'standard', metadata: {} });
    } catch (error) {
      announce(describeError(error), 'bad');
      setLoading(false);
    }
  };
  return (
    <Button disabled={loading} onClick={() => void load()}>
      {loading ? t().ask.loadingSamples : t().ask.loadSamples}
    </Button>
  );
}

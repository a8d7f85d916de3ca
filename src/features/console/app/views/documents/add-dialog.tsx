import { useRef, useState } from 'preact/hooks';
import type { DocumentSet, MetadataValue } from '../../client/types.js';
import { useCell } from '../../state/cell.js';
import { currentMe } from '../../state/session.js';
import { enqueue } from '../../state/uploads.js';
import { formatBytes } from '../../text/format.js';
import { t } from '../../text/texts.js';
import { Button } from '../../ui/controls.js';
import { Dialog } from '../../ui/dialog.js';
import { Icon } from '../../ui/icons.js';
import { chosenFiles } from './drop-target.js';
import { filesOfInput, type ChosenFile } from './drop-files.js';
import { listFields, MetadataFields, buildMetadata, type MetadataField } from './metadata-fields.js';
import { SetField } from './set-field.js';

/** Chooses files, where they go and what is noted about them. */
export function AddDialog({ sets, onClose }: { sets: DocumentSet[]; onClose: () => void }) {
  const files = useCell(chosenFiles);
  const [set, setSet] = useState('default');
  const [fields, setFields] = useState<MetadataField[]>([]);
  const [vision, setVision] = useState(false);
  const [hidden, setHidden] = useState(false);
  const { models } = currentMe();
  const close = () => {
    chosenFiles.set([]);
    onClose();
  };
  const submit = () => {
    const metadata: Record<string, MetadataValue> = buildMetadata(fields);
    enqueue(files, {
      document_set: set || 'default',
      pipeline: vision ? 'vlm' : 'standard',
      include_hidden: hidden,
      metadata,
    });
    close();
  };
  return (
    <Dialog title={t().upload.title} onClose={close} wide>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <FileChooser files={files} />
        <SetField sets={sets} value={set} onChange={setSet} label={t().upload.set} />
        <details class="more-fields" open={fields.length > 0}>
          <summary onClick={() => fields.length === 0 && setFields(listFields({ '': '' }))}>
            {t().upload.metadata}
          </summary>
          <MetadataFields fields={fields} onChange={setFields} />
        </details>
        <label class="check">
          <input
            type="checkbox"
            checked={hidden}
            onChange={(event) => setHidden(event.currentTarget.checked)}
          />
          {t().upload.hidden}
        </label>
        {models.vision && (
          <label class="check">
            <input
              type="checkbox"
              checked={vision}
              onChange={(event) => setVision(event.currentTarget.checked)}
            />
            {t().upload.vision}
          </label>
        )}
        <footer>
          <Button onClick={close}>{t().common.cancel}</Button>
          <Button type="submit" kind="primary" icon="upload" disabled={files.length === 0}>
            {t().upload.title}
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}

function FileChooser({ files }: { files: ChosenFile[] }) {
  const fileInput = useRef<HTMLInputElement>(null);
  const folderInput = useRef<HTMLInputElement>(null);
  const add = (input: HTMLInputElement) => {
    const more = filesOfInput(input.files);
    input.value = '';
    chosenFiles.set((before) => [...before, ...more]);
  };
  const bytes = files.reduce((sum, { file }) => sum + file.size, 0);
  return (
    <div class="chooser">
      <Icon name="upload" size={28} />
      {files.length === 0 ? (
        <p>
          <strong>{t().upload.drop}</strong>
        </p>
      ) : (
        <p>
          <strong>{t().documents.count(files.length)}</strong> · {formatBytes(bytes)}
          <br />
          <span class="hint">
            {files
              .slice(0, 3)
              .map(({ path }) => path)
              .join(', ')}
            {files.length > 3 && ' …'}
          </span>
        </p>
      )}
      <input
        ref={fileInput}
        type="file"
        multiple
        hidden
        data-testid="files"
        onChange={(event) => add(event.currentTarget)}
      />
      <input
        ref={folderInput}
        type="file"
        multiple
        hidden
        {...{ webkitdirectory: true }}
        onChange={(event) => add(event.currentTarget)}
      />
      <p class="chooser-buttons">
        <Button onClick={() => fileInput.current?.click()}>{t().upload.chooseFiles}</Button>
        <Button onClick={() => folderInput.current?.click()}>{t().upload.chooseFolder}</Button>
      </p>
      <p class="hint">{t().upload.formats}</p>
    </div>
  );
}

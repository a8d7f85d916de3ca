import { useCell } from '../../state/cell.js';
import { route } from '../../state/router.js';
import { DocumentPage } from './document-page.js';
import { DocumentsList } from './documents-list.js';

export default function DocumentsView() {
  const { id } = useCell(route);
  return id === null ? <DocumentsList /> : <DocumentPage key={id} id={id} />;
}

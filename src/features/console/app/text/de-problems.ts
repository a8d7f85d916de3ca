import type { WarningParams } from '../../../../common/warnings.js';
import type { ProblemCode, ProblemTexts, WarningTexts } from './problems.js';

const hiddenKinds: Record<string, readonly [one: string, many: string]> = {
  text: ['Absatz mit verborgenem Text', 'Absätze mit verborgenem Text'],
  element: ['verborgenes Element', 'verborgene Elemente'],
  sheet: ['ausgeblendetes Blatt', 'ausgeblendete Blätter'],
  row: ['ausgeblendete Zeile', 'ausgeblendete Zeilen'],
  column: ['ausgeblendete Spalte', 'ausgeblendete Spalten'],
  cell: ['ausgeblendete Zelle', 'ausgeblendete Zellen'],
  slide: ['ausgeblendete Folie', 'ausgeblendete Folien'],
  shape: ['verborgene Form', 'verborgene Formen'],
  line: ['Zeile mit unsichtbarem Text', 'Zeilen mit unsichtbarem Text'],
  layer: ['Zeile in einer ausgeblendeten Ebene', 'Zeilen in ausgeblendeten Ebenen'],
  outside: ['Zeile außerhalb der sichtbaren Seite', 'Zeilen außerhalb der sichtbaren Seite'],
  field: ['verborgenes Formularfeld', 'verborgene Formularfelder'],
};

function hiddenContent(params: WarningParams): string {
  const counts = Object.entries(params).flatMap(([kind, count]) => {
    const words = hiddenKinds[kind];
    return words ? [`${count} ${words[count === 1 ? 0 : 1]}`] : [];
  });
  const names = params['names'] === undefined ? '' : ` (${params['names']})`;
  return `${counts.join(', ')}${names}`;
}

const errors: Record<ProblemCode, string> = {
  invalid_json: 'Die Anfrage ist kein gültiges JSON.',
  bad_request: 'Die Anfrage ist fehlerhaft.',
  malformed_multipart: 'Die Dateien kamen verstümmelt an.',
  validation_failed: 'Eine Angabe passt nicht.',
  invalid_filename: 'Dieser Dateiname lässt sich nicht verwenden. Benennen Sie die Datei um.',
  duplicate_filename:
    'Eine andere Datei desselben Uploads heißt ebenso. Benennen Sie eine um, oder laden Sie sie in eine andere Sammlung.',
  unsupported_media_type: 'Diese Art von Inhalt wird hier nicht angenommen.',
  method_not_allowed: 'Das ist hier nicht möglich.',
  not_found: 'Das gibt es nicht (mehr).',
  address_not_allowed: 'Anfragen an diese Adresse sind nicht erlaubt.',
  model_not_found: 'Dieses Modell gibt es nicht.',
  page_not_found: 'Diese Seite gibt es im Dokument nicht.',
  summary_not_found: 'Zu diesem Dokument gibt es noch keine Zusammenfassung.',
  payload_too_large: 'Die Anfrage oder eine Datei ist zu groß.',
  uri_too_long: 'Die Adresse ist zu lang.',
  request_timeout: 'Die Anfrage kam nicht rechtzeitig an.',
  headers_too_large: 'Die Kopfzeilen der Anfrage sind zu groß.',
  expectation_failed: 'Die Anfrage lässt sich so nicht beantworten.',
  range_not_satisfiable: 'Dieser Ausschnitt liegt außerhalb der Datei.',
  precondition_failed: 'Inzwischen hat sich etwas geändert. Bitte noch einmal versuchen.',
  ambiguous_document: 'Der Dateiname kommt in mehreren Sammlungen vor.',
  conflict: 'Der jetzige Zustand lässt das nicht zu.',
  idempotency_mismatch: 'Dieselbe Anfrage wurde schon mit anderen Angaben gestellt.',
  request_in_progress: 'Dieselbe Anfrage läuft noch.',
  rate_limited: 'Zu viele Anfragen. Bitte kurz warten.',
  quota_exceeded: 'Ein Kontingent ist aufgebraucht.',
  too_many_connections: 'Der Dienst hat gerade zu viele Verbindungen.',
  websocket_required: 'Dieser Dienst braucht den Transport websocket.',
  unknown_event: 'Dieses Ereignis ist unbekannt.',
  connection_expired: 'Die Verbindung war lange offen und wurde beendet.',
  slow_consumer: 'Die Verbindung ist zu langsam.',
  unauthenticated: 'Bitte melden Sie sich an.',
  token_expired: 'Ihre Anmeldung ist abgelaufen.',
  issuer_unavailable: 'Die Anmeldung Ihrer Organisation ist gerade nicht erreichbar.',
  forbidden: 'Ihre Anmeldung erlaubt das nicht.',
  host_not_allowed: 'Unter diesem Namen antwortet der Dienst nicht.',
  origin_not_allowed: 'Von dieser Seite aus sind Anfragen nicht erlaubt.',
  unsupported_file_type:
    'Dateien dieses Typs lassen sich nicht lesen. Speichern Sie den Inhalt als PDF, Office-Datei oder Text, und laden Sie diese Datei hoch.',
  content_mismatch:
    'Der Inhalt ist von anderem Typ, als der Dateiname sagt. Benennen Sie die Datei um, oder laden Sie die richtige hoch.',
  empty_file: 'Die Datei ist leer. Prüfen Sie, ob sie vollständig gespeichert wurde.',
  encrypted_document: 'Die Datei ist mit einem Passwort geschützt. Laden Sie eine Kopie ohne Passwort hoch.',
  corrupt_document:
    'Die Datei ist beschädigt und lässt sich nicht öffnen. Speichern Sie in ihrem eigenen Programm eine Kopie, und laden Sie die Kopie hoch.',
  archive_bomb: 'Die Datei entpackt sich weit größer, als sie dürfte. Laden Sie ihre Teile einzeln hoch.',
  too_large:
    'Das Dokument hat zu viele Seiten, Zellen oder Zeichen. Teilen Sie es, und laden Sie die Teile hoch.',
  no_text_content: 'In dieser Datei steht kein Text. Prüfen Sie, ob es die richtige ist.',
  needs_ocr:
    'In diesem Scan ließ sich kein Text lesen. Ein schärferer Scan, Texterkennung in seiner Sprache oder ein Bildmodell kann helfen.',
  parse_timeout: 'Das Lesen der Datei hat zu lange gedauert.',
  parser_crashed: 'Die Datei ließ sich nicht lesen. Vielleicht ist sie beschädigt.',
  cancelled: 'Abgebrochen.',
  superseded: 'Eine neuere Version trat an ihre Stelle.',
  worker_lost: 'Der Arbeitsprozess dieser Aufgabe ging zu oft verloren.',
  task_timeout: 'Die Aufgabe hat zu lange gedauert.',
  embedding_unavailable: 'Für die Suche nach Bedeutung ist kein Modell eingerichtet.',
  vision_unavailable: 'Bilder lassen sich nur lesen, wo ein Bildmodell oder Texterkennung eingerichtet ist.',
  upstream_unavailable: 'Ein Modell ist nicht erreichbar.',
  upstream_rate_limited: 'Ein Modell nimmt gerade keine Anfragen mehr an.',
  upstream_timeout: 'Ein Modell hat nicht rechtzeitig geantwortet.',
  upstream_invalid: 'Ein Modell hat eine unbrauchbare Antwort gegeben.',
  upstream_rejected: 'Ein Modell hat die Anfrage abgelehnt.',
  database_unavailable: 'Die Datenbank ist nicht erreichbar.',
  queue_unavailable: 'Die Warteschlange ist nicht erreichbar.',
  storage_unavailable: 'Der Dateispeicher ist nicht erreichbar.',
  storage_full: 'Der Dateispeicher ist voll.',
  blob_not_found: 'Die gespeicherte Datei fehlt.',
  not_ready: 'Der Dienst startet oder endet gerade.',
  internal: 'Auf dem Server ist etwas schiefgegangen.',
  unreachable: 'Der Dienst ist nicht erreichbar.',
};

function counted(count: string | number | undefined, one: string, several: string): string {
  return count === undefined ? '' : `${count} ${Number(count) === 1 ? one : several}`;
}

const warnings: WarningTexts = {
  attachment_left_out: () =>
    'Dieser Anhang wurde nicht gelesen: Die E-Mail trägt zu viele oder zu große Dateien.',
  attachment_not_supported: () => 'Dieser Anhang wurde nicht gelesen: Sein Format wird nicht unterstützt.',
  attachment_unreadable: ({ reason }) =>
    `Dieser Anhang ließ sich nicht lesen. ${(errors as Record<string, string>)[reason ?? ''] ?? ''}`.trim(),
  content_without_text: ({ picture, chart, object, file }) =>
    `Der Text enthält nicht, was diese zeigen: ${[
      counted(picture, 'Bild', 'Bilder'),
      counted(chart, 'Diagramm', 'Diagramme'),
      counted(object, 'eingebettetes Objekt', 'eingebettete Objekte'),
      counted(file, 'Datei, auf die es verweist', 'Dateien, auf die es verweist'),
    ]
      .filter(Boolean)
      .join(', ')}. Gelesen werden nur Text und Beschreibungen.`,
  csv_quotes_ignored: () =>
    'Ein Anführungszeichen wird nie geschlossen. Anführungszeichen wurden als gewöhnliche Zeichen gelesen.',
  formulas_without_values: ({ count }) =>
    `${count === 1 ? '1 Formel hat' : `${count} Formeln haben`} keinen gespeicherten Wert; im Text steht die Formel. Einmal in einer Tabellenkalkulation geöffnet und gespeichert, bekommt sie ihn.`,
  hidden_included: (params) =>
    `Mitgelesen und gekennzeichnet, obwohl das Dokument es verbirgt: ${hiddenContent(params)}.`,
  hidden_left_out: (params) =>
    `Ausgelassen, weil das Dokument es verbirgt: ${hiddenContent(params)}. Beim Hinzufügen lässt sich wählen, dass es mitgelesen wird.`,
  json_line_kept_as_text: ({ line }) => `Zeile ${line} ist kein gültiges JSON und blieb gewöhnlicher Text.`,
  layout_unreadable: () =>
    'Der Aufbau der Seiten ließ sich nicht lesen. Sie wurden als einfacher Text gelesen.',
  misnamed: ({ extension, format }) => `Die Datei heißt .${extension}, wurde aber als ${format} gelesen.`,
  letters_lost: () => 'Buchstaben von Formeln auf diesen Seiten ließen sich nicht lesen.',
  pages_garbled: () => 'Die Buchstaben dieser Seiten ließen sich nicht lesen.',
  pages_need_ocr: () => 'Diese Seiten sind Scans ohne Text und wurden nicht gelesen.',
  pages_not_read: ({ count }) =>
    `Das Bildmodell konnte ${count === 1 ? '1 Seite' : `${count} Seiten`} nicht lesen.`,
  pages_read_by_ocr: ({ confidence }) =>
    `Von der Texterkennung gelesen, die sich zu ${confidence} % sicher ist: Einzelne Zeichen können falsch sein.`,
  structure_lost: () => 'Der Aufbau des Dokuments ist beschädigt. Nur sein einfacher Text wurde gelesen.',
  white_text: ({ count }) =>
    `${count === 1 ? '1 Stelle ist' : `${count} Stellen sind`} in der Farbe des Hintergrunds geschrieben.`,
};

export const germanProblems: ProblemTexts = { errors, warnings };

import { call, events, follow, request, token } from './api.js';
import { $, element } from './dom.js';
import { showStats } from './stats.js';

// ---- state ---------------------------------------------------------------------------------------------------------

function showState(text, kind) {
  $('state').textContent = text;
  $('state').className = `state ${kind}`;
}

async function checkState() {
  try {
    const response = await fetch('/health/ready');
    const { reasons = [] } = await response.json();
    if (response.ok) showState('ready', 'good');
    else
      showState(
        reasons.map((reason) => (typeof reason === 'string' ? reason : JSON.stringify(reason))).join(', ') ||
          'not ready',
        'bad',
      );
  } catch {
    showState('the service does not answer', 'bad');
  }
}

/** Runs something that asks the API; a missing credential opens the field for one. */
async function guarded(run, onError = (error) => showState(error.message, 'bad')) {
  try {
    await run();
  } catch (error) {
    if (error.status === 401) {
      $('login').hidden = false;
      $('token').focus();
      // a link carries no credential, and the page behind this one wants one
      $('api').hidden = true;
    }
    onError(error);
  }
}

$('login').addEventListener('submit', (event) => {
  event.preventDefault();
  token.set($('token').value.trim());
  $('login').hidden = true;
  start();
});

// ---- documents -----------------------------------------------------------------------------------------------------

async function openOriginal({ id, filename }) {
  const blob = await (await request('GET', `/agent/documents/${id}/file`)).blob();
  const address = URL.createObjectURL(blob);
  element('a', { href: address, download: filename }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

async function remove(row) {
  if (!confirm(`Delete ${row.filename} and everything made from it?`)) return;
  await guarded(async () => {
    const { message } = await call('DELETE', `/agent/documents/${row.id}`);
    showState(message, 'good');
    await listDocuments();
  });
}

function documentRow(row) {
  const bad = row.status === 'failed';
  const state = element('td', {
    textContent: bad ? (row.error?.code ?? 'failed') : row.status,
    className: bad ? 'bad' : row.status === 'ready' ? 'good' : '',
    title: row.error?.detail ?? '',
  });
  const open = element('button', {
    type: 'button',
    className: 'plain',
    textContent: row.filename,
    onclick: () => guarded(() => openOriginal(row)),
  });
  const drop = element('button', {
    type: 'button',
    className: 'plain danger',
    textContent: 'Delete',
    ariaLabel: `Delete ${row.filename}`,
    onclick: () => remove(row),
  });
  return element(
    'tr',
    {},
    element('td', {}, open),
    element('td', { textContent: row.document_set }),
    state,
    element('td', { textContent: row.pages ?? '–' }),
    element('td', {}, drop),
  );
}

async function listDocuments() {
  const [{ documents }, { sets }] = await Promise.all([
    call('GET', '/agent/documents?limit=100'),
    call('GET', '/agent/documentsets'),
  ]);
  $('documents').replaceChildren(...documents.map(documentRow));
  $('none').hidden = documents.length > 0;
  const sum = (field) => sets.reduce((total, set) => total + set[field], 0);
  $('counts').textContent =
    sets.length > 0
      ? `${sum('documents')} in ${sets.length} ${sets.length === 1 ? 'set' : 'sets'}, ${sum('chunks')} passages`
      : '';
  const chosen = $('scope').value;
  $('scope').replaceChildren(
    element('option', { value: '', textContent: 'all document sets' }),
    ...sets.map(({ name }) => element('option', { value: name, textContent: name })),
  );
  $('scope').value = sets.some(({ name }) => name === chosen) ? chosen : '';
}

let listing;
/** Many events in a row are one reason to list again. */
function listSoon() {
  listing ??= setTimeout(() => {
    listing = undefined;
    void guarded(listDocuments);
    void guarded(showStats);
  }, 400);
}

// ---- uploads -------------------------------------------------------------------------------------------------------

const bars = new Map();

function addBar(id, filename) {
  const bar = element('progress', { max: 1, value: 0, ariaLabel: filename });
  const stage = element('span', { textContent: 'queued' });
  const item = element('li', {}, element('span', { textContent: filename }), stage, bar);
  $('progress').prepend(item);
  bars.set(id, { bar, stage, item });
}

function endBar(id, text, ok) {
  const { bar, stage, item } = bars.get(id);
  bar.value = ok ? 1 : 0;
  stage.textContent = text;
  stage.className = ok ? 'good' : 'failed';
  bars.delete(id);
  setTimeout(() => item.remove(), ok ? 4000 : 60_000);
}

function hear({ type, task_id, status, stage, progress, error }) {
  if (bars.has(task_id)) {
    if (status === 'completed') endBar(task_id, 'ready', true);
    else if (status === 'failed' || status === 'cancelled') endBar(task_id, error?.detail ?? status, false);
    else {
      bars.get(task_id).bar.value = progress;
      bars.get(task_id).stage.textContent = stage ?? status;
    }
  }
  if (type !== 'ingest_progress') listSoon();
}

function reject(filename, detail) {
  // no random UUID: browsers give those out on https and localhost alone
  const id = {};
  addBar(id, filename);
  endBar(id, detail, false);
}

async function upload(files) {
  // one request a file: a large one does not hold the others up, and each has its own reason
  for (const file of files) {
    const form = new FormData();
    form.append('document_set', $('set').value.trim() || 'default');
    form.append('files', file, file.name);
    await guarded(
      async () => {
        const answer = await call('POST', '/agent/upload', { body: form });
        for (const { task_id, filename, duplicate, status } of answer.documents) {
          addBar(task_id, filename);
          if (duplicate && status === 'ready') endBar(task_id, 'unchanged', true);
        }
        for (const { filename, detail } of answer.rejected) reject(filename, detail);
      },
      (error) => reject(file.name, error.message),
    );
  }
  listSoon();
}

$('files').addEventListener('change', () => {
  void upload([...$('files').files]).then(() => ($('files').value = ''));
});
for (const name of ['dragover', 'dragleave', 'drop']) {
  $('drop').addEventListener(name, (event) => {
    event.preventDefault();
    $('drop').classList.toggle('over', name === 'dragover');
    if (name === 'drop') void upload([...event.dataTransfer.files]);
  });
}

// ---- questions -----------------------------------------------------------------------------------------------------

const placeOf = ({ filename, page, heading }) =>
  `${filename}${page ? `, page ${page}` : ''}${heading ? ` › ${heading}` : ''}`;

/** The answer with its markers as links to the sources below. */
function showAnswer(text, citations) {
  const markers = new Set(citations.map(({ marker }) => marker));
  const parts = text
    .split(/(\[\d+\])/)
    .map((part) =>
      markers.has(part) ? element('a', { href: `#source-${part.slice(1, -1)}`, textContent: part }) : part,
    );
  $('answer').replaceChildren(...parts);
}

function citationItem({ marker, result, quote, verified }, results) {
  const source = results[result]?.metadata;
  return element(
    'li',
    { id: `source-${marker.replace(/\D/g, '')}` },
    element('span', { className: 'marker', textContent: marker }),
    source &&
      element('button', {
        type: 'button',
        className: 'plain',
        textContent: placeOf(source),
        onclick: () => guarded(() => openOriginal({ id: source.document_id, filename: source.filename })),
      }),
    element('blockquote', { textContent: quote }),
    verified
      ? null
      : element('p', {
          className: 'unverified',
          textContent: 'These words do not stand in the document as quoted.',
        }),
  );
}

let asking;
async function ask(prompt) {
  asking?.abort();
  asking = new AbortController();
  $('reply').hidden = false;
  $('asked').textContent = prompt;
  $('answer').replaceChildren();
  $('answer').className = 'waiting';
  $('citations').replaceChildren();
  let text = '';
  let results = [];
  const { signal } = asking;
  const response = await request('POST', '/agent/search', {
    json: { prompt, document_set: $('scope').value || null },
    headers: { accept: 'text/event-stream' },
    signal,
  });
  for await (const { event, data } of events(response)) {
    if (event === 'results') results = data.results;
    if (event === 'token') $('answer').textContent = text += data.token;
    if (event === 'error') throw new Error(data.detail);
    if (event === 'citations') {
      showAnswer(text, data.citations);
      $('citations').replaceChildren(...data.citations.map((citation) => citationItem(citation, results)));
    }
    if (event === 'done' && !data.answered)
      $('answer').textContent = text || 'The documents hold no answer to this.';
  }
}

$('ask').addEventListener('submit', (event) => {
  event.preventDefault();
  const prompt = $('question').value.trim();
  if (!prompt) return;
  void guarded(
    () => ask(prompt),
    (error) => error.name !== 'AbortError' && ($('answer').textContent = error.message),
  ).finally(() => ($('answer').className = ''));
});
$('question').addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    $('ask').requestSubmit();
  }
});

// ---- start ---------------------------------------------------------------------------------------------------------

function start() {
  void guarded(listDocuments);
  void guarded(showStats);
  void follow(hear);
}
void checkState();
setInterval(() => {
  if (document.hidden) return;
  void checkState();
  // without a credential there is nothing to ask again
  if ($('login').hidden) void guarded(showStats);
}, 10_000);
start();

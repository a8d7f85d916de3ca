import { cell } from './cell.js';

export type View = 'ask' | 'documents' | 'work' | 'overview' | 'settings';
export const views: readonly View[] = ['ask', 'documents', 'work', 'overview', 'settings'];

export interface Route {
  view: View;
  /** The subject of the view: a conversation, a document, a page of the settings. */
  id: string | null;
  query: URLSearchParams;
}

/** An address that was damaged on its way names nothing, which its view says. */
function decodeId(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}

function parse(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  const [view, id] = path.split('/');
  return {
    view: views.find((known) => known === view) ?? 'ask',
    id: id ? decodeId(id) : null,
    query: new URLSearchParams(query),
  };
}

export const route = cell<Route>(parse(location.hash));
addEventListener('hashchange', () => route.set(parse(location.hash)));

export function hrefTo(view: View, id?: string | null, query?: Record<string, string>): string {
  const search = query && Object.keys(query).length > 0 ? `?${new URLSearchParams(query).toString()}` : '';
  return `#/${view}${id ? `/${encodeURIComponent(id)}` : ''}${search}`;
}

export function goTo(view: View, id?: string | null, query?: Record<string, string>): void {
  location.hash = hrefTo(view, id, query);
}

/** Changes the address without a new entry in the browser's history. */
export function replaceRoute(view: View, id: string | null): void {
  history.replaceState(null, '', hrefTo(view, id));
  route.set(parse(location.hash));
}

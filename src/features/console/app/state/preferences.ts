import { storedCell } from './stored.js';

export type Theme = 'system' | 'light' | 'dark';
export const theme = storedCell<Theme>('docent.theme', 'system');

function applyTheme(): void {
  const chosen = theme.get();
  if (chosen === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = chosen;
}
theme.subscribe(applyTheme);
applyTheme();

/**
 * The page that shows the OpenAPI document. It holds no data:
 * everything it shows it asks for with the reader's credential.
 */
export const docsPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>docent API</title>
<link rel="icon" href="/console/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="stylesheet" href="/docs/page.css">
</head>
<body>
<main>
<form id="sign-in" hidden>
<h1>docent API</h1>
<p>This service asks who you are. Your key or token is sent to this service alone.</p>
<p id="refused" role="alert" hidden>This key or token is not valid here.</p>
<label for="key">API key or token</label>
<input id="key" type="password" autocomplete="off" spellcheck="false" required>
<button type="submit">Show the API</button>
</form>
<div id="docs"></div>
</main>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

export const docsStyle = `body { margin: 0; background: #fff; font-family: system-ui, sans-serif; }
.swagger-ui .info { margin: 1.5rem 0; }
#sign-in { display: grid; gap: .6rem; max-width: 24rem; margin: 14vh auto 0; padding: 0 1rem; color: #1c2826; }
#sign-in[hidden] { display: none; }
#sign-in input, #sign-in button { font: inherit; padding: .5rem .7rem; border: 1px solid #8d8a80; border-radius: 8px; }
#sign-in button { background: #17564c; color: #fff; border-color: #17564c; }
#refused { color: #a3271f; }
html.dark-mode body { background: #1c2022; }
html.dark-mode #sign-in { color: #e8e6df; }
html.dark-mode #refused { color: #f2a097; }
html.dark-mode #sign-in input { background: #101514; color: inherit; }
`;

// the credential and the colours are those of the console: see src/features/console/app/state
export const docsScript = `const stored = (name) => { try { return JSON.parse(localStorage.getItem(name)); } catch { return null; } };
const dark = matchMedia('(prefers-color-scheme: dark)');
const paint = () => {
  const theme = stored('docent.theme') ?? 'system';
  document.documentElement.classList.toggle('dark-mode', theme === 'dark' || (theme === 'system' && dark.matches));
};
dark.addEventListener('change', paint);
paint();
const form = document.getElementById('sign-in');
async function start(token) {
  const headers = token ? { authorization: 'Bearer ' + token } : {};
  const response = await fetch('/docs-json', { headers });
  if (response.status === 401) {
    document.getElementById('refused').hidden = !token;
    form.hidden = false;
    document.getElementById('key').focus();
    return;
  }
  form.hidden = true;
  const ui = SwaggerUIBundle({
    spec: await response.json(),
    dom_id: '#docs',
    deepLinking: true,
    docExpansion: 'list',
    defaultModelsExpandDepth: 0,
    onComplete: () => token && ui.preauthorizeApiKey('bearer', token),
  });
}
form.addEventListener('submit', (event) => {
  event.preventDefault();
  void start(document.getElementById('key').value.trim());
});
const credential = stored('docent.credential');
void start(credential?.key ?? credential?.oidc?.token);
`;

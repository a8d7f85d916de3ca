/** Pause between two attempts while the service cannot be reached. */
const retryMs = 2000;
const minReloadMs = 60_000;

/** Resolves once the service delivers files of the console again. */
async function untilReachable(): Promise<void> {
  for (;;) {
    const answer = await fetch('/console/icon.svg', { cache: 'no-store' }).catch(() => null);
    if (answer !== null && answer.status < 500) return;
    await new Promise((resolve) => setTimeout(resolve, retryMs));
  }
}

/** Loads the page again, unless that was tried a moment ago. */
function reloadOnce(): boolean {
  const last = Number(sessionStorage.getItem('docent.reloaded') ?? 0);
  if (Date.now() - last < minReloadMs) return false;
  sessionStorage.setItem('docent.reloaded', String(Date.now()));
  location.reload();
  return true;
}

/**
 * Loads a part of the console. It waits while the service cannot be reached: loading the page again would
 * show an error of the browser then. A newer version of the service has other files than this page knows, and
 * some browsers do not ask again for a file that failed: both need the page to be loaded again.
 */
export async function loadPart<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch {
    await untilReachable();
  }
  try {
    return await load();
  } catch (error) {
    if (!reloadOnce()) throw error;
    return new Promise<never>(() => undefined);
  }
}

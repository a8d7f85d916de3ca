// For the container's HEALTHCHECK: exits with 0 when the process answers its liveness route. It imports
// nothing, to start fast.
const port =
  process.env['MODE'] === 'worker'
    ? (process.env['WORKER_HEALTH_PORT'] ?? '8001')
    : (process.env['PORT'] ?? '8000');

try {
  const { status } = await fetch(`http://127.0.0.1:${port}/health/live`, {
    signal: AbortSignal.timeout(2000),
  });
  process.exitCode = status === 200 ? 0 : 1;
} catch {
  process.exitCode = 1;
}

// Preloaded by tests into every process of a cluster: a
// child that gets SIGUSR2 never comes back from its handler.
import cluster from 'node:cluster';

if (cluster.isWorker)
  process.on('SIGUSR2', () => {
    for (;;);
  });

import type { LoadedModels } from './loaded-models.js';
import type { FromChild, ModelJob, ModelsToLoad, ToChild } from './protocol.js';

/** The model child: holds the local models and runs them. It ends with its parent's channel. */
let loaded: LoadedModels | undefined;

async function load(models: ModelsToLoad): Promise<void> {
  try {
    // Imported here: where the machine cannot load the library, the parent hears why.
    const { LoadedModels } = await import('./loaded-models.js');
    loaded = await LoadedModels.load(models);
    send({ type: 'ready', dimensions: await loaded.warmUp() });
  } catch (error) {
    send({ type: 'unusable', cause: describe(error) });
  }
}

async function answer(id: number, job: ModelJob): Promise<void> {
  try {
    if (!loaded) throw new Error('no model is loaded');
    send({ type: 'answer', id, answer: await loaded.compute(job) });
  } catch (error) {
    send({ type: 'failed', id, cause: describe(error) });
  }
}

const describe = (error: unknown): string =>
  error instanceof Error ? error.message.slice(0, 500) : 'not an error';

function send(message: FromChild): void {
  process.send?.(message);
}

process.on('message', (message: ToChild) => {
  void (message.type === 'load' ? load(message.models) : answer(message.id, message.job));
});
process.on('disconnect', () => process.exit(0));

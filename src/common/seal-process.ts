import { realpathSync } from 'node:fs';
import { sep } from 'node:path';
import process from 'node:process';
import { severNetwork } from './sever-network.js';

type LoadAddon = (module: object, path: string, ...rest: unknown[]) => void;

/**
 * Takes from a child that reads untrusted bytes what the permission model of Node leaves open: the network,
 * signals to other processes, and native code from outside of the installed
 * packages. `spawnSandboxed` loads it before the program of the child.
 */
severNetwork();
refuseSignals();
refuseForeignAddons();

/** A signal ends the service, and `_debugProcess` opens its inspector. */
function refuseSignals(): void {
  const refuse = (): never => {
    throw new Error('This process sends no signals.');
  };
  for (const name of ['kill', '_kill', '_debugProcess', '_debugEnd', '_linkedBinding'])
    Object.defineProperty(process, name, { value: refuse, configurable: false, writable: false });
}

/** An addon of the child's own folder could be one that a document has put there. */
function refuseForeignAddons(): void {
  const load = process.dlopen.bind(process) as LoadAddon;
  const loadInstalled: LoadAddon = (module, path, ...rest) => {
    if (!realpathSync(path).includes(`${sep}node_modules${sep}`))
      throw new Error('This process loads native code of installed packages only.');
    load(module, path, ...rest);
  };
  Object.defineProperty(process, 'dlopen', { value: loadInstalled, configurable: false, writable: false });
}

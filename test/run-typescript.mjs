// Starts a process from the TypeScript as it stands, decorators included:
// `node --import ./test/run-typescript.mjs file.ts`.
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { compile } from './native/compile.cjs';

registerHooks({
  resolve(specifier, context, next) {
    const source = /^\.{1,2}\/.*\.js$/.test(specifier) && context.parentURL?.endsWith('.ts');
    return next(source ? `${specifier.slice(0, -2)}ts` : specifier, context);
  },
  load(url, context, next) {
    if (!url.endsWith('.ts') || url.includes('/node_modules/')) return next(url, context);
    const { code, map } = compile(fileURLToPath(url));
    return { format: 'module', source: `${code}\n//# sourceMappingURL=${map}`, shortCircuit: true };
  },
});

import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import type { Work } from './work.js';

const root = fileURLToPath(new URL('../../../src/', import.meta.url));
/** Folders whose functions see text of clients, documents or models. */
const folders = [
  'common/**/*.ts',
  'features/**/*.ts',
  'platform/{database,embedding,events,llm,outbound,upstream}/**/*.ts',
];
const left = [
  '.spec.ts',
  '.dto.ts',
  '.module.ts',
  '/console/app/state/',
  '/console/app/text/',
  '/console/app/views/',
];
/** Types of parameters that hold text. */
const texts =
  /\b(?:string|Buffer|Uint8Array|unknown|Source|Asked|HistoryTurn|SearchHit|NeighbouringChunk|Block|Chunk|ChunkRow|ChatMessage)\b/;

/** Caught errors have the type unknown too. */
const isError = (parameter: string): boolean => /^\s*(?:error|cause)\b/.test(parameter);

const isExported = (node: ts.Statement): boolean =>
  ts.canHaveModifiers(node) &&
  (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);

function listFunctions(
  statement: ts.Statement,
): [name: string, parameters: readonly ts.ParameterDeclaration[]][] {
  if (ts.isFunctionDeclaration(statement) && statement.name)
    return [[statement.name.text, statement.parameters]];
  if (!ts.isVariableStatement(statement)) return [];
  return statement.declarationList.declarations.flatMap(({ name, initializer }) =>
    initializer && ts.isArrowFunction(initializer) && ts.isIdentifier(name)
      ? [[name.text, initializer.parameters] as const]
      : [],
  ) as [string, readonly ts.ParameterDeclaration[]][];
}

export interface TextFunction {
  /** Under src. */
  path: string;
  name: string;
  /** True when it takes one text and, if anything else, what has a default. */
  isSimple: boolean;
}

/** Every exported function with a parameter that holds text. */
export function discoverTextFunctions(): TextFunction[] {
  return globSync(folders, { cwd: root })
    .filter((path) => !left.some((part) => `/${path}`.includes(part)))
    .sort()
    .flatMap((path) => {
      const text = readFileSync(root + path, 'utf8');
      const typeAt = ({ type }: ts.ParameterDeclaration): string =>
        type ? text.slice(type.pos, type.end).trim() : '';
      const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, false);
      return file.statements
        .filter(isExported)
        .flatMap(listFunctions)
        .filter(([, parameters]) =>
          parameters.some(
            (parameter) =>
              texts.test(typeAt(parameter)) && !isError(text.slice(parameter.pos, parameter.end)),
          ),
        )
        .map(([name, [first, ...others]]) => ({
          path,
          name,
          isSimple:
            first !== undefined &&
            typeAt(first) === 'string' &&
            others.every(({ initializer, questionToken }) => initializer ?? questionToken),
        }));
    });
}

/** The work of a function that takes one text. */
export async function loadWork({ path, name }: TextFunction): Promise<Work> {
  const module = (await import(`../../../src/${path.replace(/\.ts$/, '.js')}`)) as Record<string, Work>;
  return (text) => module[name]?.(text);
}

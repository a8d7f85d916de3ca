import { Parser } from 'htmlparser2';
import { Problem } from '../../../../common/errors.js';
import { xmlDecoder } from './zip.js';

export interface XmlElement {
  /** Namespace prefix in this project's spelling: `w:p`, also when the file says `ns0:p`. */
  name: string;
  attributes: Record<string, string>;
  children: XmlNode[];
}
export type XmlNode = XmlElement | string;

export interface XmlOptions {
  /**
   * Children of elements of this name go to `take` as soon as they are
   * complete and are then forgotten: a long body is never a whole tree.
   */
  stream?: { parent: string; take(child: XmlElement): void };
  /**
   * A DOCTYPE without an internal subset is tolerated (EPUB and old ODF carry one); office files carry none.
   * `subset` tolerates one as well: its entities are never
   * expanded, so text that refers to them would be lost.
   */
  doctype?: boolean | 'subset';
}

/** Walkers recurse once or twice a level: this keeps them far from the end of the stack. */
const maxDepth = 400;
/** Maximum elements in memory at once, about 200 bytes each; streamed ones do not count. */
const maxElements = 1_500_000;
/** Bytes decoded at a time: the text of a large part never exists as a whole. */
const chunkBytes = 1024 * 1024;

/**
 * Parses XML into a tree; entities beyond the five predefined ones are never expanded. Element and attribute
 * names get canonical prefixes. htmlparser2 rather than fast-xml-parser: it calls
 * back per element, so depth is capped while reading and a body can be streamed.
 * @param source text, or bytes in the encoding that they declare
 * @throws Problem corrupt_document when elements stay open, nest too deep, or a DOCTYPE is there; too_large
 */
export function parseXml(source: string | Buffer, options: XmlOptions = {}): XmlElement {
  const builder = new TreeBuilder(options);
  const parser = new Parser(
    {
      onopentag: (name, attributes) => builder.open(name, attributes),
      ontext: (data) => builder.text(data),
      onclosetag: () => builder.close(),
      onprocessinginstruction: (name, data) => builder.instruction(name, data),
    },
    { xmlMode: true },
  );
  for (const text of typeof source === 'string' ? [source] : decodedChunks(source)) parser.write(text);
  if (builder.unfinished())
    throw new Problem('corrupt_document', 'The document is cut off. Upload the whole file.');
  parser.end();
  return builder.root();
}

function* decodedChunks(data: Buffer): Generator<string> {
  const decoder = xmlDecoder(data);
  for (let at = 0; at < data.length; at += chunkBytes) {
    yield decoder.decode(data.subarray(at, at + chunkBytes), { stream: at + chunkBytes < data.length });
  }
}

class TreeBuilder {
  private readonly top: XmlElement = { name: '', attributes: {}, children: [] };
  private readonly stack: XmlElement[] = [this.top];
  private live = 0;
  /** Elements that stay when the streamed child that is being read goes. */
  private kept = 0;
  private readonly scopes: { depth: number; prefixes: Map<string, string> }[] = [];

  constructor(private readonly options: XmlOptions) {}

  open(name: string, attributes: Record<string, string>): void {
    if (this.stack.length > maxDepth) throw new Problem('corrupt_document', 'The document nests too deep.');
    if (++this.live > maxElements) throw new Problem('too_large');
    this.declare(attributes);
    const element = this.canonical(name, attributes);
    if (this.current().name === this.options.stream?.parent) this.kept = this.live - 1;
    this.current().children.push(element);
    this.stack.push(element);
  }

  text(data: string): void {
    const siblings = this.current().children;
    const last = siblings.length - 1;
    const before = siblings[last];
    // entities arrive as pieces of their own
    if (typeof before === 'string') siblings[last] = before + data;
    else siblings.push(data);
  }

  close(): void {
    const element = this.stack.pop();
    if (this.scopes.at(-1)?.depth === this.stack.length) this.scopes.pop();
    const { stream } = this.options;
    const parent = this.stack.at(-1);
    if (!stream || !element || parent?.name !== stream.parent) return;
    parent.children.length = 0;
    this.live = this.kept;
    stream.take(element);
  }

  unfinished(): boolean {
    return this.stack.length > 1;
  }

  instruction(name: string, data: string): void {
    if (!/^!doctype/i.test(name)) return;
    if (!this.options.doctype || (data.includes('[') && this.options.doctype !== 'subset'))
      throw new Problem('corrupt_document', 'The document has a DOCTYPE, which is not supported.');
  }

  root(): XmlElement {
    const root = this.top.children.find((child) => typeof child !== 'string');
    if (!root) throw new Problem('corrupt_document');
    return root;
  }

  private current(): XmlElement {
    return this.stack.at(-1) ?? this.top;
  }

  private declare(attributes: Record<string, string>): void {
    let prefixes: Map<string, string> | undefined;
    for (const key in attributes) {
      if (!key.startsWith('xmlns')) continue;
      const declared = key === 'xmlns' ? '' : key.slice(6);
      const canonical = canonicalPrefixes.get(strictToTransitional(attributes[key] ?? ''));
      if (canonical === undefined || canonical === declared) {
        if (!this.scopes.at(-1)?.prefixes.has(declared)) continue;
      }
      prefixes ??= new Map(this.scopes.at(-1)?.prefixes);
      prefixes.set(declared, canonical ?? declared);
    }
    if (prefixes) this.scopes.push({ depth: this.stack.length, prefixes });
  }

  private canonical(name: string, attributes: Record<string, string>): XmlElement {
    const prefixes = this.scopes.at(-1)?.prefixes;
    if (!prefixes) return { name, attributes: hasAny(attributes) ? attributes : noAttributes, children: [] };
    const renamed: Record<string, string> = {};
    for (const key in attributes)
      renamed[key.includes(':') ? rename(key, prefixes) : key] = attributes[key] ?? '';
    return { name: rename(name, prefixes), attributes: renamed, children: [] };
  }
}

/** Most elements have none: one object for all of them saves a quarter of the tree. */
const noAttributes: Record<string, string> = {};

function hasAny(attributes: Record<string, string>): boolean {
  for (const _ in attributes) return true;
  return false;
}

function rename(name: string, prefixes: Map<string, string>): string {
  const colon = name.indexOf(':');
  const prefix = prefixes.get(colon < 0 ? '' : name.slice(0, colon));
  if (prefix === undefined) return name;
  const local = name.slice(colon + 1);
  return prefix ? `${prefix}:${local}` : local;
}

/** ISO 29500 Strict uses other addresses for the same vocabularies. */
function strictToTransitional(uri: string): string {
  return uri
    .replace('http://purl.oclc.org/ooxml/', 'http://schemas.openxmlformats.org/')
    .replace('/2006/', '/');
}

const schemas = 'http://schemas.openxmlformats.org';
const canonicalPrefixes = new Map<string, string>([
  [`${schemas}/wordprocessingml/main`, 'w'],
  [`${schemas}/drawingml/main`, 'a'],
  [`${schemas}/drawingml/chart`, 'c'],
  [`${schemas}/drawingml/diagram`, 'dgm'],
  [`${schemas}/drawingml/wordprocessingDrawing`, 'wp'],
  [`${schemas}/presentationml/main`, 'p'],
  [`${schemas}/spreadsheetml/main`, ''],
  [`${schemas}/officeDocument/relationships`, 'r'],
  [`${schemas}/officeDocument/math`, 'm'],
  [`${schemas}/package/relationships`, ''],
  ['urn:oasis:names:tc:opendocument:xmlns:container', ''],
  ['http://www.idpf.org/2007/opf', ''],
  ['http://www.daisy.org/z3986/2005/ncx/', ''],
  ['http://purl.org/dc/elements/1.1/', 'dc'],
]);

/** The child elements, of one name or of any. */
export function elements(node: XmlElement | undefined, name?: string): XmlElement[] {
  if (!node) return [];
  return node.children.filter(
    (child): child is XmlElement => typeof child !== 'string' && (name === undefined || child.name === name),
  );
}

/** The first child element at the end of a path of names, or undefined. */
export function descend(node: XmlElement | undefined, ...path: string[]): XmlElement | undefined {
  let at = node;
  for (const name of path) {
    at = at?.children.find((child): child is XmlElement => typeof child !== 'string' && child.name === name);
    if (!at) return undefined;
  }
  return at;
}

/** Every element of one name below a node, in document order; does not look inside a match. */
export function* findAll(node: XmlElement, name: string): Generator<XmlElement> {
  for (const child of node.children) {
    if (typeof child === 'string') continue;
    if (child.name === name) yield child;
    else yield* findAll(child, name);
  }
}

/** The first element of one name anywhere below a node. */
export function findFirst(node: XmlElement | undefined, name: string): XmlElement | undefined {
  return node && findAll(node, name).next().value;
}

/** All text below a node, verbatim. */
export function readText(node: XmlNode | undefined): string {
  if (node === undefined) return '';
  if (typeof node === 'string') return node;
  let text = '';
  for (const child of node.children) text += readText(child);
  return text;
}

import { describe, expect, it } from '@jest/globals';
import { findProblem } from '../../../../../test/office-files.js';
import { descend, elements, findAll, parseXml, readText, type XmlElement } from './xml-tree.js';

const word = 'http://schemas.openxmlformats.org/wordprocessingml/2006/main';
const strict = 'http://purl.oclc.org/ooxml/wordprocessingml/main';

describe('parseXml', () => {
  it.each([
    ['the usual prefix', `<w:p xmlns:w="${word}" w:id="1"><w:t>x</w:t></w:p>`],
    ['another prefix', `<ns0:p xmlns:ns0="${word}" ns0:id="1"><ns0:t>x</ns0:t></ns0:p>`],
    ['the vocabulary of ISO 29500 Strict', `<w:p xmlns:w="${strict}" w:id="1"><w:t>x</w:t></w:p>`],
    ['a default namespace', `<p xmlns="${word}" xmlns:q="${word}" q:id="1"><t>x</t></p>`],
  ])('names elements alike under %s', (_, xml) => {
    const root = parseXml(xml);
    expect([root.name, root.attributes['w:id'], readText(descend(root, 'w:t'))]).toEqual(['w:p', '1', 'x']);
  });

  it('ends a prefix with the element that declared it', () => {
    const root = parseXml(`<r><a:x xmlns:a="${word}"/><a:x xmlns:a="urn:other"/></r>`);
    expect(elements(root).map((element) => element.name)).toEqual(['w:x', 'a:x']);
  });

  it('decodes the predefined entities and no others', () => {
    expect(readText(parseXml('<a>1 &lt; 2 &amp; &#x41;&lol;</a>'))).toBe('1 < 2 & A&lol;');
  });

  it('refuses a DOCTYPE, or only its internal subset where one is customary', async () => {
    const plain = '<!DOCTYPE html><a/>';
    const bomb = '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>';
    expect(await findProblem(() => parseXml(plain))).toBe('corrupt_document');
    expect(parseXml(plain, { doctype: true }).name).toBe('a');
    expect(await findProblem(() => parseXml(bomb, { doctype: true }))).toBe('corrupt_document');
  });

  it('refuses what is cut off, empty, or nested without end', async () => {
    expect(await findProblem(() => parseXml('<a><b>text'))).toBe('corrupt_document');
    expect(await findProblem(() => parseXml('no markup'))).toBe('corrupt_document');
    expect(await findProblem(() => parseXml('<a>'.repeat(1_000) + '</a>'.repeat(1_000)))).toBe(
      'corrupt_document',
    );
  });

  it('hands out the children of a streamed element and forgets them', () => {
    const taken: XmlElement[] = [];
    const root = parseXml('<d><body><p>1</p><p><q>2</q></p></body><tail/></d>', {
      stream: { parent: 'body', take: (child) => taken.push(child) },
    });
    expect(taken.map(readText)).toEqual(['1', '2']);
    expect(readText(root)).toBe('');
    expect([...findAll(root, 'tail')]).toHaveLength(1);
  });
});

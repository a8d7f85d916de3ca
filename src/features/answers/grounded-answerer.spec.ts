import { describe, expect, it } from '@jest/globals';
import { NoReader } from '../../platform/reader/none.js';
import { PassageFinder } from './finding/passage-finder.js';
import { noAnswer, notSure, quote } from './grounded-answerer.js';
import type { Source } from './sources.js';

const finder = new PassageFinder(new NoReader());
const door: Source = {
  content: 'The door of the workshop is green.',
  language: 'en',
  title: null,
  filename: 'door.txt',
  heading: null,
  page: null,
};

describe('an answer in the words of the sources', () => {
  it('does not deny that a document answers where a passage is about the question', async () => {
    expect(quote(await finder.find('Who painted the door?', [door]))).toMatchObject({
      answered: false,
      answer: notSure,
    });
    expect(quote(await finder.find('Which comet passes in autumn?', [door]))).toMatchObject({
      answered: false,
      answer: noAnswer,
    });
  });
});

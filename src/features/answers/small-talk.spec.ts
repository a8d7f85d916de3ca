import { describe, expect, it } from '@jest/globals';
import { replyToTalk } from './small-talk.js';

describe('small talk', () => {
  it.each([
    ['Hello!', 'Ask about your documents'],
    ['hi there, how are you?', 'Ask about your documents'],
    ['What can you do?', 'Ask about your documents'],
    ['ok, thanks a lot', 'You are welcome'],
    ['Guten Morgen', 'Fragen Sie nach Ihren Dokumenten'],
    ['Was kannst du alles?', 'Fragen Sie nach Ihren Dokumenten'],
    ['Super, vielen Dank!', 'Gern.'],
    ['Merci beaucoup', 'Avec plaisir'],
  ])('has a reply in its own language: %s', (prompt, reply) => {
    expect(replyToTalk(prompt)).toContain(reply);
  });

  it.each([
    'hello world program',
    'thanks giving day opening hours',
    'What can I do about a broken lock?',
    'Who are you legally bound to inform?',
    'Danke für den Brief an das Amt, wann war das?',
    'help',
    'ok button',
  ])('is not taken for a question: %s', (prompt) => {
    expect(replyToTalk(prompt)).toBeNull();
  });
});

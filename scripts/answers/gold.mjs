// Compares texts with hand-made gold: regexes over text with straight
// quotes, `-` for dashes and single spaces, with and without Markdown marks.
const straighten = (text) =>
  String(text ?? '')
    .normalize('NFC')
    .replace(/[\u2018\u2019\u02bc]/g, "'")
    .replace(/[\u201c\u201d]/g, '"')
    .replace(/[\u2010-\u2015\u2212]/g, '-')
    .replace(/[\u00a0\u2007\u202f]/g, ' ')
    .replace(/[\u200b-\u200d\ufeff]/g, '')
    .replace(/\s+/g, ' ')
    .trim();

const withoutMarks = (text) =>
  text
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/<[^>]{1,200}>/g, ' ')
    .replace(/\\([_*`#|[\]-])/g, '$1')
    .replace(/[*`]+/g, '')
    .replace(/(^|[^A-Za-z0-9_])_{1,2}([^_]+?)_{1,2}(?=[^A-Za-z0-9_]|$)/g, '$1$2')
    .replace(/\s+/g, ' ')
    .trim();

/** A text as it stands and without its marks. */
export const readViews = (text) => {
  const straight = straighten(text);
  return [straight, withoutMarks(straight)];
};

const known = new Map();
const compiled = (source) => {
  if (!known.has(source)) known.set(source, new RegExp(source, 'i'));
  return known.get(source);
};

/** True when one of the views matches. */
export const matches = (views, source) => views.some((view) => compiled(source).test(view));

export const asList = (value) => (value === undefined ? [] : Array.isArray(value) ? value : [value]);

/** The heading belongs to the passage: the question of an FAQ is often its heading. */
export const passageViews = ({ content, heading }) => [
  ...readViews(content),
  ...readViews(`${heading ?? ''}\n${content}`),
];

/** Parts of the gold that a text lacks. */
export const missingFrom = (text, question) => {
  const views = readViews(text);
  return asList(question.gold).filter((source) => !matches(views, source));
};

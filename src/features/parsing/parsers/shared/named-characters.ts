import { Parser } from 'htmlparser2';

/** Names of the Greek alphabet in the entity sets of ISO 8879 (`&agr;`), in its order. */
const greekOfIso =
  'agr bgr ggr dgr egr zgr eegr thgr igr kgr lgr mgr ngr xgr ogr pgr rgr sfgr sgr tgr ugr phgr khgr psgr ohgr';
const characters = new Map<string, string>();
greekOfIso.split(' ').forEach((name, index) => {
  const small = String.fromCharCode(0x3b1 + index);
  characters.set(name, small);
  if (name !== 'sfgr') characters.set(`${name.charAt(0).toUpperCase()}${name.slice(1)}`, small.toUpperCase());
});

/**
 * Replaces the names of characters that XML itself does not define and articles use, those of HTML and MathML
 * among them; markup (`&lt;`) stays.
 */
export function withNamedCharacters(text: string): string {
  if (!text.includes('&')) return text;
  const met = new Map<string, string>();
  return text.replace(/&([A-Za-z]{2,31}\d{0,2});/g, (entity, name: string) => {
    const known = characters.get(name) ?? met.get(name) ?? fromHtml(entity);
    if (met.size < maxNames) met.set(name, known);
    return known;
  });
}

/** HTML defines about 2,000 names; a text with more of them holds names that nobody knows. */
const maxNames = 4_000;

/** The character that HTML knows by this name; the entity itself if it knows none, or if XML would read it as markup. */
function fromHtml(entity: string): string {
  let character = '';
  new Parser({ ontext: (text) => (character += text) }).end(entity);
  return character.endsWith(';') || /[<>&"']/.test(character) ? entity : character;
}

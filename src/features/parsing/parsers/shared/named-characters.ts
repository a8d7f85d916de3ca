/** Names of the Greek alphabet in the entity sets of ISO 8879 (`&agr;`), in its order. */
const greekOfIso =
  'agr bgr ggr dgr egr zgr eegr thgr igr kgr lgr mgr ngr xgr ogr pgr rgr sfgr sgr tgr ugr phgr khgr psgr ohgr';
const greek =
  'alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigmaf sigma tau upsilon phi chi psi omega';
const others = {
  nbsp: '\u00a0',
  ensp: ' ',
  emsp: ' ',
  thinsp: ' ',
  numsp: ' ',
  trade: '™',
  reg: '®',
  copy: '©',
  deg: '°',
  plusmn: '±',
  times: '×',
  divide: '÷',
  minus: '−',
  plus: '+',
  equals: '=',
  lsqb: '[',
  rsqb: ']',
  lcub: '{',
  rcub: '}',
  lpar: '(',
  rpar: ')',
  lsquo: '‘',
  rsquo: '’',
  ldquo: '“',
  rdquo: '”',
  laquo: '«',
  raquo: '»',
  ndash: '–',
  mdash: '—',
  hyphen: '-',
  hellip: '…',
  middot: '·',
  bull: '•',
  sect: '§',
  para: '¶',
  micro: 'µ',
  le: '≤',
  ge: '≥',
  ne: '≠',
  asymp: '≈',
  equiv: '≡',
  infin: '∞',
  prime: '′',
  Prime: '″',
  frac12: '½',
  frac14: '¼',
  frac34: '¾',
  euro: '€',
  pound: '£',
  yen: '¥',
  cent: '¢',
  dagger: '†',
  Dagger: '‡',
  rarr: '→',
  larr: '←',
  radic: '√',
  sum: '∑',
  commat: '@',
  num: '#',
  percnt: '%',
  lowbar: '_',
  sol: '/',
  verbar: '|',
};
const characters = new Map(Object.entries(others));
for (const names of [greekOfIso, greek])
  names.split(' ').forEach((name, index) => {
    const small = String.fromCharCode(0x3b1 + index);
    characters.set(name, small);
    if (!/^s(?:igma)?fg?r?$/.test(name))
      characters.set(`${name.charAt(0).toUpperCase()}${name.slice(1)}`, small.toUpperCase());
  });

/**
 * Replaces the names of characters that XML itself does not define and articles use; markup (`&lt;`) stays.
 */
export function withNamedCharacters(text: string): string {
  return text.includes('&')
    ? text.replace(/&([A-Za-z]{2,10}\d{0,2});/g, (entity, name: string) => characters.get(name) ?? entity)
    : text;
}

import { accents as mathAccents, latexSymbols } from '../shared/latex-symbols.js';

/** Commands that stand for a character, in text and in formulas. */
export const symbols: ReadonlyMap<string, string> = new Map([
  ...[...latexSymbols].map(([character, command]) => [command.slice(1), character] as const),
  ...Object.entries({
    ss: 'ß',
    o: 'ø',
    O: 'Ø',
    ae: 'æ',
    AE: 'Æ',
    oe: 'œ',
    OE: 'Œ',
    aa: 'å',
    AA: 'Å',
    l: 'ł',
    L: 'Ł',
    i: 'i',
    j: 'j',
    S: '§',
    P: '¶',
    le: '≤',
    ge: '≥',
    ne: '≠',
    to: '→',
    dots: '…',
    ldots: '…',
    textellipsis: '…',
    textendash: '–',
    textemdash: '—',
    textbullet: '•',
    textdegree: '°',
    degree: '°',
    celsius: '°C',
    textcelsius: '°C',
    textmu: 'µ',
    textohm: 'Ω',
    euro: '€',
    EUR: '€',
    texteuro: '€',
    pounds: '£',
    textsterling: '£',
    textyen: '¥',
    textcent: '¢',
    copyright: '©',
    textcopyright: '©',
    textregistered: '®',
    texttrademark: '™',
    textbackslash: '\\',
    textbar: '|',
    textless: '<',
    textgreater: '>',
    textasciigrave: '`',
    textasciitilde: '~',
    textasciicircum: '^',
    textunderscore: '_',
    textquotedblleft: '“',
    textquotedblright: '”',
    textquoteleft: '‘',
    textquoteright: '’',
    glqq: '„',
    grqq: '“',
    flqq: '«',
    frqq: '»',
    guillemotleft: '«',
    guillemotright: '»',
    quotedblbase: '„',
    checkmark: '✓',
    LaTeX: 'LaTeX',
    TeX: 'TeX',
    BibTeX: 'BibTeX',
    slash: '/',
    quad: ' ',
    qquad: ' ',
    hfill: ' ',
    enspace: ' ',
    thinspace: ' ',
    space: ' ',
    nobreakspace: ' ',
    textrightarrow: '→',
    textleftarrow: '←',
    textpm: '±',
    texttimes: '×',
    textonehalf: '½',
  }),
]);

/** Accents by their commands, as the character that follows the letter. */
export const accents: ReadonlyMap<string, string> = new Map(
  Object.entries({
    '`': '\u0300',
    "'": '\u0301',
    '^': '\u0302',
    '~': '\u0303',
    '=': '\u0304',
    u: '\u0306',
    '.': '\u0307',
    '"': '\u0308',
    r: '\u030a',
    H: '\u030b',
    v: '\u030c',
    d: '\u0323',
    c: '\u0327',
    k: '\u0328',
    b: '\u0331',
  }),
);

const prefixes =
  'pico=p nano=n micro=µ milli=m centi=c deci=d hecto=h kilo=k mega=M giga=G tera=T kibi=Ki mebi=Mi gibi=Gi';
const units =
  'metre=m meter=m gram=g second=s ampere=A kelvin=K mole=mol candela=cd hertz=Hz newton=N pascal=Pa joule=J watt=W coulomb=C volt=V farad=F ohm=Ω siemens=S tesla=T henry=H lumen=lm lux=lx bar=bar litre=l liter=l minute=min hour=h day=d tonne=t electronvolt=eV degreeCelsius=°C celsius=°C degree=° percent=% byte=B bit=bit decibel=dB per=/ squared=² cubed=³ square=² cubic=³';

/** Names of units and their prefixes, as the package siunitx has them. */
export const unitSigns: ReadonlyMap<string, string> = new Map(
  `${prefixes} ${units}`.split(' ').map((pair) => [pair.split('=')[0] ?? '', pair.split('=')[1] ?? '']),
);

/** Commands whose arguments are no text, with the number of them that is left out. */
export const silent: ReadonlyMap<string, number> = new Map(
  (
    'vspace hspace usepackage RequirePackage documentclass pagestyle thispagestyle bibliographystyle color colorbox textcolor ' +
    'parbox scalebox rotatebox raisebox index glossary hypersetup geometry graphicspath hyphenation phantom vphantom hphantom ' +
    'selectlanguage foreignlanguage enlargethispage markright theoremstyle captionsetup setstretch linespread newcounter ' +
    'stepcounter refstepcounter cline rowcolor cellcolor columncolor nocite pageref hypertarget sisetup DeclareUnicodeCharacter ' +
    'usetikzlibrary tikzset lstset institutemark looseness keywordsmark setlist arraystretch pagenumbering orcid orcidID orcidlink authorrunning titlerunning inst'
  )
    .split(' ')
    .map((name): [string, number] => [name, 1])
    .concat(
      'setlength addtolength setcounter addtocounter fcolorbox resizebox rule fontsize markboth pdfbookmark DeclareMathOperator'
        .split(' ')
        .map((name): [string, number] => [name, 2]),
      'newenvironment renewenvironment definecolor addcontentsline specialrule'
        .split(' ')
        .map((name): [string, number] => [name, 3]),
    ),
);

/** A formula that is only a number, a sign or a power, as text; null for one that is more. */
export function plainFormula(formula: string): { text: string; shift: 'raised' | 'lowered' | null } | null {
  if (formula.length > 60) return null;
  const text = formula
    .replace(/\\(?:text|mathrm|mathit|mathbf|rm|textrm)\s?\{([^{}\\]*)\}/g, '$1')
    .replace(/\^\{?\\circ\}?/g, '°')
    .replace(/\\[,;:! ]/g, ' ')
    .replace(/\{,\}/g, ',')
    .replace(/\\([%#&$])/g, '$1')
    .replace(/\\([a-zA-Z]+)/g, (whole, name: string) =>
      mathAccents.has(name) ? whole : (symbols.get(name) ?? whole),
    )
    .replace(/ {2,}/g, ' ');
  const shifted = /^([\^_])\s?(?:\{([^{}\\^_]{1,30})\}|([^\\{}^_]))$/.exec(text.trim());
  if (shifted)
    return { text: shifted[2] ?? shifted[3] ?? '', shift: shifted[1] === '^' ? 'raised' : 'lowered' };
  const isPlain = !/[\\^_{}]/.test(text) && (/^[^\p{L}]*$/u.test(text) || /^\s?[^\p{ASCII}]\s?$/u.test(text));
  return isPlain ? { text, shift: null } : null;
}

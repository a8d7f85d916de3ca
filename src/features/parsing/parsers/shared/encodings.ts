/** Legacy encodings in the order that settles a tie: stricter multi-byte ones first, then Western Europe. */
export const candidateEncodings: readonly string[] = [
  'shift_jis',
  'euc-jp',
  'euc-kr',
  'gb18030',
  'big5',
  'windows-1252',
  'windows-1251',
  'windows-1250',
  'windows-1253',
  'windows-1254',
  'windows-1255',
  'windows-1256',
  'windows-1257',
  'windows-1258',
  'iso-8859-2',
  'koi8-r',
  'ibm866',
  'windows-874',
  'macintosh',
];

/**
 * The letters outside ASCII that are frequent in the languages
 * of an encoding; others of the same script score less.
 */
const frequent: Readonly<Record<string, RegExp>> = {
  'windows-1252': /[äöüßéèêëàâçñáíóúîïôûåæøÄÖÜÉÅØœ«»“”‘’–—…€£°§©¿¡]/u,
  macintosh: /[äöüßéèêëàâçñáíóúîïôûåæøÄÖÜÉÅØœ«»“”‘’–—…€£°§©¿¡]/u,
  'windows-1254': /[çğıöşüÇĞİÖŞÜ]/u,
  'windows-1250': /[ąćęłńóśźżáčďéěíňřšťúůýžőűöüäĄĆĘŁŃÓŚŹŻČĎĚŇŘŠŤŮŽŐŰăâîşţ„”–]/u,
  'iso-8859-2': /[ąćęłńóśźżáčďéěíňřšťúůýžőűöüäĄĆĘŁŃÓŚŹŻČĎĚŇŘŠŤŮŽŐŰăâîşţ]/u,
  'windows-1257': /[āčēģīķļņšūžąęėįųõäöü]/u,
  'windows-1258': /[ăâđêôơưấầẩẫậ]|\u0300|\u0301|\u0303|\u0309|\u0323/u,
  'windows-1251': /[оеаинтсрвлкмдпуяыьгзбчйхжшюіїєґ]/u,
  'koi8-r': /[оеаинтсрвлкмдпуяыьгзбчйхжшю]/u,
  ibm866: /[оеаинтсрвлкмдпуяыьгзбчйхжшю]/u,
  'windows-1253': /[αοιετσνηυρπκμλςωάέήίόύώγθδχ]/u,
  'windows-1255': /[א-ת]/u,
  'windows-1256': /[ا-ي،؟پچژگک]/u,
  'windows-874': /[\u0e01-\u0e4e]/u,
};

const doubleByte: Readonly<Record<string, { usual: RegExp; odd: RegExp }>> = {
  // Half-width katakana is what other encodings look like when read as Shift_JIS.
  shift_jis: {
    usual: /[\u3040-\u30ff\u3001\u3002\u300c\u300d\u4e00-\u9fff\uff01-\uff5e]/u,
    odd: /[\uff61-\uff9f\ue000-\uf8ff]/u,
  },
  'euc-jp': {
    usual: /[\u3040-\u30ff\u3001\u3002\u300c\u300d\u4e00-\u9fff\uff01-\uff5e]/u,
    odd: /[\uff61-\uff9f\ue000-\uf8ff]/u,
  },
  'euc-kr': { usual: /[\uac00-\ud7a3]/u, odd: /[\ue000-\uf8ff\u3040-\u30ff]/u },
  gb18030: {
    usual: /[\u4e00-\u9fff\u3001\u3002\uff01-\uff5e\u201c\u201d]/u,
    odd: /[\ue000-\uf8ff\u3040-\u30ff]|\p{Cn}|[\u0080-\u00ff]/u,
  },
  big5: { usual: /[\u4e00-\u9fff\u3001\u3002\uff01-\uff5e]/u, odd: /[\ue000-\uf8ff\u3040-\u30ff]/u },
};

/**
 * The hundred-odd most frequent Han characters, simplified and
 * traditional, and those of the heads of tables; a wrong double-byte reading hits few of them.
 */
const frequentHan =
  /[的一是不了在人有我他这这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可里后小么心多天而能好都然没日于起还发成事只作当想看文无开手用主行方又如前所本见经头面公同三已老从动两長這個們來說時為會過對學國後還發經沒無開點現實電話東書車門問間関業員社新月名部定化分市高年度第今何私思言品番数量價価格円単在庫商号址住所備考合計税]/u;

/** Syllables that are frequent in Korean; bytes of other languages hit all of them alike. */
const frequentHangul =
  /[이다는을를에의가고로하지기사리자어대시도한정인일전부아수장제나라주해서과만구보스상그들으원성있여것안선동용비소공관경유조차신계세모문물발방번분생오우위음중진치터트행화회름격호명품량금액년월날짜합등록업체코드개재단가판매처연락담당팀국민학교]/u;

/** Signs of Thai above, below and behind a consonant; those that are written before one; and consonants. */
const thaiBehind = /[\u0e30-\u0e3a\u0e45\u0e47-\u0e4e]/u;
const thaiBefore = /[\u0e40-\u0e44]/u;
const thaiConsonant = /[\u0e01-\u0e2f]/u;
const thaiLetter = /[\u0e01-\u0e4e]/u;

/** True where a Thai sign stands where no Thai word has one, as in other bytes that were read as Thai. */
function isMisplacedThai(before: string, character: string, after: string): boolean {
  if (thaiBehind.test(character)) return !thaiLetter.test(before) || thaiBefore.test(before);
  if (thaiBefore.test(character)) return !thaiConsonant.test(after);
  return !thaiLetter.test(character) && thaiLetter.test(before) && thaiLetter.test(after);
}

/**
 * How much a text that was decoded as `encoding` looks like one: the
 * mean, over characters outside ASCII, of −3 (impossible) to 2 (usual).
 */
export function scoreText(text: string, encoding: string): number {
  const wide = doubleByte[encoding];
  return wide ? scoreWide(text, wide, encoding) : scoreLetters(text, frequent[encoding] ?? /$^/u);
}

function scoreWide(text: string, { usual, odd }: { usual: RegExp; odd: RegExp }, encoding: string): number {
  let score = 0;
  let count = 0;
  let common = 0;
  let han = 0;
  let kana = 0;
  let hangul = 0;
  const characters = Array.from(text);
  for (const [at, character] of characters.entries()) {
    if (character < '\u0080') continue;
    count += 1;
    if (odd.test(character)) score -= 2;
    // an accented letter of a Western word takes the next letter with it
    else if (isLatin(characters[at - 1]) && isLatin(characters[at + 1])) score -= 1;
    else if (usual.test(character)) score += 1;
    else score -= 0.5;
    if (/[\u3040-\u30ff]/u.test(character)) kana += 1;
    if (frequentHangul.test(character)) hangul += 1;
    if (/\p{Script=Han}/u.test(character)) {
      han += 1;
      if (frequentHan.test(character)) common += 1;
    }
  }
  if (count === 0) return 0;
  const japanese = encoding === 'shift_jis' || encoding === 'euc-jp';
  const familiar = japanese
    ? (kana + common) / count
    : encoding === 'euc-kr'
      ? (1 - han / count) * Math.min(1, (hangul / count) * 2.5)
      : han === 0
        ? 0
        : common / han;
  return score / count + Math.min(1, familiar * 2);
}

function isLatin(character: string | undefined): boolean {
  return character !== undefined && /[a-z]/i.test(character);
}

function scoreLetters(text: string, usual: RegExp): number {
  let score = 0;
  let count = 0;
  for (const word of text.match(/\S+/g) ?? []) {
    const characters = Array.from(word);
    for (const [at, character] of characters.entries()) {
      if (character < '\u0080') continue;
      count += 1;
      score += scoreAt(characters, at, character, usual);
    }
  }
  return count === 0 ? 0 : score / count;
}

function scoreAt(characters: string[], at: number, character: string, usual: RegExp): number {
  if (character < '\u00a0' || /\p{Cn}|\p{Co}/u.test(character)) return -3;
  const before = characters[at - 1] ?? '';
  const after = characters[at + 1] ?? '';
  if (!/[\p{L}\p{M}]/u.test(character)) {
    const inside = /\p{L}/u.test(before) && /\p{L}/u.test(after) && !/[’'–—-]/u.test(character);
    if (inside || /[\u2500-\u259f]/u.test(character)) return -1.5;
    return usual.test(character) ? 2 : 0;
  }
  if (isMisplacedThai(before, character, after)) return -1.5;
  // other scripts that were read as a Latin one are words of accents only
  if (isAccented(before) && isAccented(character) && isAccented(after)) return 0;
  const opensWord = /\p{Lu}/u.test(character) && !/\p{L}/u.test(before) && /\p{Ll}/u.test(after);
  const isUsual = usual.test(character) || (opensWord && usual.test(character.toLowerCase()));
  const letters = isUsual ? 2 : 0.5;
  return letters - mixing(before, character) - mixing(after, character) - upperInside(before, character);
}

function isAccented(letter: string): boolean {
  return letter > '\u007f' && /\p{Script=Latin}/u.test(letter);
}

function mixing(neighbour: string, character: string): number {
  if (!/\p{L}/u.test(neighbour)) return 0;
  return detectScript(neighbour) === detectScript(character) ? 0 : 1.5;
}

function upperInside(before: string, character: string): number {
  return /\p{Ll}/u.test(before) && /\p{Lu}/u.test(character) ? 1.5 : 0;
}

const scripts = [
  /\p{Script=Latin}/u,
  /\p{Script=Cyrillic}/u,
  /\p{Script=Greek}/u,
  /\p{Script=Hebrew}/u,
  /\p{Script=Arabic}/u,
  /\p{Script=Thai}/u,
];

function detectScript(letter: string): number {
  return scripts.findIndex((script) => script.test(letter));
}

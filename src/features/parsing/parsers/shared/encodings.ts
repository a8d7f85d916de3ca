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
 * traditional; a wrong double-byte reading hits few of them.
 */
const frequentHan =
  /[的一是不了在人有我他这这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可里后小么心多天而能好都然没日于起还发成事只作当想看文无开手用主行方又如前所本见经头面公同三已老从动两長這個們來說時為會過對學國後還發經沒無開點現實電話東書車門問間関業員社新月名部定化分市高年度第今何私思言]/u;

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
  for (const character of text) {
    if (character < '\u0080') continue;
    count += 1;
    if (odd.test(character)) score -= 2;
    else if (usual.test(character)) score += 1;
    else score -= 0.5;
    if (/[\u3040-\u30ff]/u.test(character)) kana += 1;
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
      ? 1 - han / count
      : han === 0
        ? 0
        : common / han;
  return score / count + Math.min(1, familiar * 2);
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
  const letters = usual.test(character) ? 2 : 0.5;
  return letters - mixing(before, character) - mixing(after, character) - upperInside(before, character);
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

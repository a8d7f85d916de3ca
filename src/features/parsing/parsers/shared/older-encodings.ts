/** Letters above ASCII of the code pages of DOS, which no TextDecoder knows. */
const codePages: Readonly<Record<string, string>> = {
  '437':
    'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0',
  '850':
    'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u00ad±‗¾¶§÷¸°¨·¹³²■\u00a0',
};

/**
 * Text in an encoding that mail programs and exports of old systems declare and browsers do not know; null for others.
 */
export function decodeOlder(bytes: Buffer, declared: string): string | null {
  const label = declared.trim().toLowerCase();
  if (/^(?:x-)?(?:unicode-\d-\d-)?utf-?7$/.test(label)) return decodeUtf7(bytes.toString('latin1'));
  // 858 has the euro sign where 850 has a letter that no language of its users needs
  const page = /^(?:cp|ibm|dos|oem|cs?pc)?[-_]?0*(437|850|858)(?:multilingual)?$/.exec(label)?.[1];
  const letters = codePages[page === '858' ? '850' : (page ?? '')];
  if (letters === undefined) return null;
  return bytes
    .toString('latin1')
    .replace(/[\u0080-\u00ff]/g, (byte) =>
      page === '858' && byte === '\u00d5' ? '€' : letters.charAt(byte.charCodeAt(0) - 0x80),
    );
}

/** `Gr+APYA3w-e`, RFC 2152: letters beyond ASCII as base64 of UTF-16. */
function decodeUtf7(text: string): string {
  return text.replace(/\+([A-Za-z0-9+/]*)-?/g, (_whole, encoded: string) => {
    if (encoded === '') return '+';
    const bytes = Buffer.from(encoded, 'base64');
    return new TextDecoder('utf-16be').decode(bytes.subarray(0, bytes.length - (bytes.length % 2)));
  });
}

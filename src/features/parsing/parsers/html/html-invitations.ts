/** What a page asks of its visitor beside its content: cookies, a newsletter, to share it, to read on elsewhere. */
const consent =
  /(?:^|[\s_-])(?:cookies?|cookie-?(?:bar|banner|notice|consent|law|popup)|cookieconsent|gdpr|consent|onetrust|didomi|usercentrics|cybotcookiebotdialog\w*|cookiebot|truste|trustarc|osano|iubenda|klaro|borlabs\w*|termly|qc-cmp\w*|cmplz|cc-window)(?:$|[\s_-])/i;
const newsletter = /(?:^|[\s_-])(?:newsletters?|subscribe|subscription|sign-?up|mailing-?list)(?:$|[\s_-])/i;
const sharing =
  /(?:^|[\s_-])(?:share|sharing|sharedaddy|social|addthis|addtoany|share-?(?:bar|buttons?|tools?|links?))(?:$|[\s_-])/i;
const related =
  /(?:^|[\s_-])(?:related(?:-?(?:posts?|articles?|content|stories|videos?))?|suggest(?:ed)?[_-](?:reading|posts?|articles?|stories)|you-may-(?:also-)?like|read-next|up-next|recommended|recommendations|recirculation|read-?more-?list|most-?(?:read|shared|popular)|trending)(?:$|[\s_-])/i;
/** Programs that add such lists to a page, with a summary beside each link. */
const listProgram = /(?:^|[\s_-])(?:jp-relatedposts|outbrain|taboola)(?:$|[\s_-])/i;
const comment = /(?:^|[\s_-])(?:comment-?form|respond)(?:$|[\s_-])/i;

const maxConsent = 2_000;
const maxNewsletter = 1_000;
const maxRelated = 4_000;
const minLinked = 0.3;
/** Text of a share bar, without its links. */
const maxSharing = 60;
/** An invitation does not fill a page. */
const maxShare = 0.4;

/** Answers to a banner about cookies, in languages that such banners are written in most. */
const accept =
  /\b(?:accept|agree|allow|reject|decline|akzeptieren|zustimmen|einverstanden|ablehnen|accepter|refuser|aceptar|rechazar|accetta|rifiuta|accepteren|akceptuj|aceitar)/i;
const maxButtons = 40;
const maxBanner = 1_200;
const maxSource = 16_000;

interface Element {
  name: string;
  attributes: Record<string, string>;
  parent: Element | null;
  start: number;
  end: number;
  innerStart: number;
  innerEnd: number;
  letters: number;
  linked: number;
}

interface Inside {
  fields: number;
  buttons: number;
  links: number;
  titles: number;
}

const kept = /^(?:html|head|body|main|article|h[1-6]|p|a|table|tr|td|th|ul|ol|li|span|button|input|label)$/;
const lists = /^(?:ul|ol)$/;

/**
 * The parts of a page that invite its visitor to something and are no content, by their names and what they hold.
 * @param elements in the order of the page
 */
export function findInvitations<E extends Element>(html: string, elements: readonly E[]): Set<E> {
  const inside = lookInside(elements);
  const total = elements.reduce((sum, element) => sum + (element.parent ? 0 : element.letters), 0);
  const found = new Set<E>();
  for (const element of elements) {
    const within = inside.get(element);
    if (within && element.letters <= total * maxShare && invites(element, within)) found.add(element);
  }
  for (const banner of bannersOfButtons(html, elements))
    if (banner.letters <= total * maxShare) found.add(banner);
  return found;
}

function invites({ name, attributes, letters, linked }: Element, inside: Inside): boolean {
  const named = `${attributes['id'] ?? ''} ${attributes['class'] ?? ''}`.slice(0, 1_000);
  if (named === ' ' || inside.titles > 0) return false;
  const { fields, buttons, links } = inside;
  if (sharing.test(named) && (lists.test(name) || !kept.test(name)))
    return links + buttons > 0 && letters - linked <= maxSharing;
  if (kept.test(name)) return false;
  return (
    (consent.test(named) && links + buttons > 0 && letters <= maxConsent) ||
    (newsletter.test(named) && fields > 0 && letters <= maxNewsletter) ||
    (comment.test(named) && fields > 0 && letters <= maxNewsletter) ||
    (listProgram.test(named) && links > 1 && letters <= maxRelated) ||
    (related.test(named) && links > 1 && linked >= letters * minLinked && letters <= maxRelated)
  );
}

function lookInside(elements: readonly Element[]): Map<Element, Inside> {
  const inside = new Map<Element, Inside>();
  for (const element of elements) inside.set(element, { fields: 0, buttons: 0, links: 0, titles: 0 });
  // children stand behind their parents
  for (const element of elements.toReversed()) {
    const within = inside.get(element);
    if (!within) continue;
    const { name, attributes, parent } = element;
    if (isButton(element)) within.buttons++;
    else if (/^(?:input|textarea)$/.test(name) && attributes['type'] !== 'hidden') within.fields++;
    else if (name === 'a') within.links++;
    else if (name === 'h1') within.titles++;
    const outer = parent && inside.get(parent);
    if (!outer) continue;
    outer.fields += within.fields;
    outer.buttons += within.buttons;
    outer.links += within.links;
    outer.titles += within.titles;
  }
  return inside;
}

function isButton({ name, attributes }: Element): boolean {
  return (
    name === 'button' ||
    attributes['role'] === 'button' ||
    (name === 'a' && /(?:^|[\s_-])(?:btn|button)(?:$|[\s_-])/i.test(attributes['class'] ?? '')) ||
    (name === 'input' && /^(?:button|submit)$/.test(attributes['type'] ?? ''))
  );
}

/** Banners without a name that tells: text about cookies around a button that accepts or rejects them. */
function* bannersOfButtons<E extends Element>(html: string, elements: readonly E[]): Generator<E> {
  const own = new Set<Element>(elements);
  for (const button of elements.filter(isButton).slice(0, maxButtons)) {
    const { innerStart, innerEnd } = button;
    if (innerEnd - innerStart > 400 || !accept.test(html.slice(innerStart, innerEnd))) continue;
    let banner: Element | null = null;
    for (let at: Element | null = button.parent; at && own.has(at) && isSmall(at); at = at.parent)
      if (!kept.test(at.name)) banner = at;
    if (banner && /cookie/i.test(html.slice(banner.start, banner.end).replace(/<[^>]{0,2000}>/g, ' ')))
      yield banner as E;
  }
}

function isSmall({ name, letters, start, end }: Element): boolean {
  return !/^(?:html|body|main|article)$/.test(name) && letters <= maxBanner && end - start <= maxSource;
}

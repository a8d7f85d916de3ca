import robotsParser from 'robots-parser';

const agentName = 'docent';

// its types declare a default export, but Node imports the function itself
const parseRobots = robotsParser as unknown as typeof robotsParser.default;

/** To match a rule with wildcards costs its length times that of an address, for each address. */
const maxWildRules = 100;
const maxWildLength = 200;

/**
 * The rules of one site for docent. Of those with wildcards
 * the first hundred count, as far as they are short.
 */
export class Robots {
  private readonly rules: ReturnType<typeof parseRobots>;

  /** @param text of a robots.txt; empty where there is none */
  constructor(address: URL, text: string) {
    this.rules = parseRobots(address.href, withoutWildRules(text));
  }

  allows(url: URL): boolean {
    return this.rules.isAllowed(url.href, agentName) !== false;
  }

  /** Seconds between two requests; 0 where the site names none. */
  get crawlDelay(): number {
    return this.rules.getCrawlDelay(agentName) ?? 0;
  }
}

function withoutWildRules(text: string): string {
  let left = maxWildRules;
  return text
    .split(/[\r\n]+/)
    .filter(
      (line) =>
        !line.includes('*') || /^\s*user-agent\b/i.test(line) || (line.length <= maxWildLength && left-- > 0),
    )
    .join('\n');
}

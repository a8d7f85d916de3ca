import robotsParser from 'robots-parser';

const agentName = 'docent';

// its types declare a default export, but Node imports the function itself
const parseRobots = robotsParser as unknown as typeof robotsParser.default;

/** The rules of one site for docent. */
export class Robots {
  private readonly rules: ReturnType<typeof parseRobots>;

  /** @param text of a robots.txt; empty where there is none */
  constructor(address: URL, text: string) {
    this.rules = parseRobots(address.href, text);
  }

  allows(url: URL): boolean {
    return this.rules.isAllowed(url.href, agentName) !== false;
  }

  /** Seconds between two requests; 0 where the site names none. */
  get crawlDelay(): number {
    return this.rules.getCrawlDelay(agentName) ?? 0;
  }
}

import { Injectable } from '@nestjs/common';
import {
  SearchService,
  type SearchHit,
  type SearchOutcome,
  type SearchScope,
} from '../search/search.service.js';
import { leadsIn } from './finding/growth.js';
import { PassageFinder, type Found } from './finding/passage-finder.js';
import { toSource } from './results.js';
import { joinHits, outlineBelow, outlineReach, sectionReach, withSections } from './sections.js';

/** Reads what stands around the hits that an answer rests on. Their results then show the same text. */
@Injectable()
export class FoundSections {
  constructor(
    private readonly searcher: SearchService,
    private readonly finder: PassageFinder,
  ) {}

  /** Makes one result of the hits that stand side by side in one section. */
  async join(found: Found, outcome: SearchOutcome, scope: SearchScope, signal: AbortSignal): Promise<void> {
    const groups = [...found.members].filter(([, members]) => members.length > 1);
    const hits = groups.flatMap(([, members]) => members.flatMap((place) => outcome.hits[place] ?? []));
    if (hits.length === 0) return;
    const chunks = await this.searcher.around(scope, hits, 0, signal);
    for (const [place, members] of groups) {
      const hit = outcome.hits[place];
      if (!hit) continue;
      const all = members.flatMap((member) => outcome.hits[member] ?? []);
      const joined = joinHits(hit, all, chunks);
      outcome.hits[place] = joined;
      const shown = found.order.indexOf(place);
      if (shown < found.sources.length) found.sources[shown] = toSource(joined);
    }
  }

  /**
   * Gives a model whole sections to read. The results show them
   * too, so that every quote stands in the result that it names.
   */
  async widen(found: Found, outcome: SearchOutcome, scope: SearchScope, signal: AbortSignal): Promise<void> {
    const read = found.order.slice(0, found.sources.length);
    const hits = read.flatMap((place) => outcome.hits[place] ?? []);
    const chunks = await this.searcher.around(scope, hits, sectionReach, signal);
    const sections = withSections(hits, chunks);
    for (const [at, place] of read.entries()) {
      const section = sections[at];
      if (section) outcome.hits[place] = section;
    }
    found.sources = sections.map(toSource);
  }

  /** Takes the rest of a list from the chunks beside its own. Its result shows the same text. */
  async complete(
    found: Found,
    outcome: SearchOutcome,
    scope: SearchScope,
    signal: AbortSignal,
  ): Promise<Found> {
    const place = found.cutShort ? found.order[found.cutShort.result] : undefined;
    const hit = place === undefined ? undefined : outcome.hits[place];
    if (!found.answered || !found.cutShort || place === undefined || !hit) return found;
    const chunks = await this.searcher.around(scope, [hit], sectionReach, signal);
    const [whole = hit] = withSections([hit], chunks);
    const section = await this.withOutline(whole, found.cutShort.unit, scope, signal);
    outcome.hits[place] = section;
    return this.finder.extend(found, { ...toSource(section), core: undefined });
  }

  /** Where a section ends with the sentence that leads in to its subsections, their names are the list. */
  private async withOutline(
    section: SearchHit,
    unit: string,
    scope: SearchScope,
    signal: AbortSignal,
  ): Promise<SearchHit> {
    const content = section.content.trimEnd();
    if (!content.endsWith(unit.trimEnd()) || !leadsIn.test(content)) return section;
    const outline = outlineBelow(section, await this.searcher.around(scope, [section], outlineReach, signal));
    return outline === null ? section : { ...section, content: `${content}\n\n${outline}` };
  }
}

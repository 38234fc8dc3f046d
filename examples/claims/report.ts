import { costSection } from './cost-section';
import { generalizationSection } from './generalization-section';
import { sharingSection } from './sharing-section';
import { speedSection } from './speed-section';

/** The sections on sharing, speed, generalization and cost; nothing where none was measured. */
export async function claimsSection(results: string): Promise<string | undefined> {
  const sections: string[] = [];
  for (const section of [sharingSection, speedSection, generalizationSection, costSection]) {
    const text = await section(results);
    if (text) sections.push(text);
  }
  return sections.length === 0 ? undefined : sections.join('\n\n');
}

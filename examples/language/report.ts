import { readLanguageResults } from './results';
export async function languageSection(results: string): Promise<string | undefined> {
  return readLanguageResults(results) ? '' : undefined;
}

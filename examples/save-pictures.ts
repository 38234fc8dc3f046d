import { savePicture, saveReport, type MetaTrainer, type RunReportOptions } from 'hypermeta';

/** Writes a picture as SVG and PNG and says where. */
export async function savePictures(svg: string, path: string): Promise<void> {
  const saved = await savePicture(svg, path);
  if (saved.warning) console.log(saved.warning);
  console.log(`Picture: ${saved.svg} and ${saved.png}`);
}

/** Writes the report of a run and says where. */
export async function saveRunReport(file: string, trainer: MetaTrainer, options: RunReportOptions): Promise<void> {
  await saveReport(file, trainer, options);
  console.log(`Report: ${file}, a page for any browser`);
}

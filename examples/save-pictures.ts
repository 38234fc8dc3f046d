import { savePicture } from 'hypermeta';

/** Writes a picture as SVG and PNG and says where. */
export async function savePictures(svg: string, path: string): Promise<void> {
  const saved = await savePicture(svg, path);
  if (saved.warning) console.log(saved.warning);
  console.log(`Picture: ${saved.svg} and ${saved.png}`);
}

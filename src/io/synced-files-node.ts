const fs = () => process.getBuiltinModule('node:fs');

/** Writes a new file, through to the disk. */
export function writeSynced(file: string, bytes: Uint8Array): void {
  const handle = fs().openSync(file, 'wx');
  try {
    for (let written = 0; written < bytes.length; ) written += fs().writeSync(handle, bytes, written);
    fs().fsyncSync(handle);
  } finally {
    fs().closeSync(handle);
  }
}

/** The names in a folder reach the disk too, where the system can be asked for it: Windows cannot. */
export function syncFolder(dir: string): void {
  if (process.platform === 'win32') return;
  const handle = fs().openSync(dir, 'r');
  try {
    fs().fsyncSync(handle);
  } finally {
    fs().closeSync(handle);
  }
}

/** Makes a photo small on the phone, before it is kept or sent: at most 1600 px and 400 kB, as JPEG. */

const SIDE_MAX = 1600;
const BYTES_MAX = 400_000;
const QUALITIES = [0.82, 0.7, 0.55, 0.4];

/** The size that fits, with the same proportions; never larger than it was. */
export function fitted(width: number, height: number, most = SIDE_MAX): [number, number] {
  const share = Math.min(1, most / Math.max(width, height));
  return [Math.max(1, Math.round(width * share)), Math.max(1, Math.round(height * share))];
}

/** The photo as a small JPEG. Drawing it anew also leaves out what a camera writes beside the picture. */
export async function shrunk(file: Blob): Promise<Blob> {
  const picture = await createImageBitmap(file, { imageOrientation: 'from-image' });
  try {
    for (let most = SIDE_MAX; ; most = Math.round(most / 1.5)) {
      const [width, height] = fitted(picture.width, picture.height, most);
      const canvas = new OffscreenCanvas(width, height);
      const pen = canvas.getContext('2d');
      if (!pen) throw new Error('this browser cannot draw pictures');
      pen.drawImage(picture, 0, 0, width, height);
      for (const quality of QUALITIES) {
        const small = await canvas.convertToBlob({ type: 'image/jpeg', quality });
        if (small.size <= BYTES_MAX || most < 200) return small;
      }
    }
  } finally {
    picture.close();
  }
}

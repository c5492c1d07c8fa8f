// Pictures of a code as people send them. `page` is any page of the browser; it draws.

import { readFileSync } from 'node:fs';

const url = (file) => `data:image/png;base64,${readFileSync(file).toString('base64')}`;

/**
 * A picture file of the codes: `across` pixels each, side by side, dark and light in the colours given, on `width` x `height` of a desk if those are
 * given. `type` is its media type.
 */
export async function picture(page, codes, { dark = '#000', light = '#fff', across = 600, width, height, turn = 0, blur = 0, type = 'image/png' } = {}) {
  const base64 = await page.evaluate(async ({ codes, dark, light, across, width, height, turn, blur, type }) => {
    const drawings = await Promise.all(codes.map(async (source) => {
      const image = new Image();
      image.src = source;
      await image.decode();
      const canvas = new OffscreenCanvas(image.width, image.height);
      const draw = canvas.getContext('2d');
      draw.drawImage(image, 0, 0);
      const pixels = draw.getImageData(0, 0, canvas.width, canvas.height);
      // Two colours, by hand: a filter would blend them.
      const colour = (text) => {
        const one = new OffscreenCanvas(1, 1).getContext('2d');
        one.clearRect(0, 0, 1, 1);
        one.fillStyle = text;
        one.fillRect(0, 0, 1, 1);
        return one.getImageData(0, 0, 1, 1).data;
      };
      const [darkest, lightest] = [colour(dark), colour(light)];
      for (let at = 0; at < pixels.data.length; at += 4) pixels.data.set(pixels.data[at] < 128 ? darkest : lightest, at);
      draw.putImageData(pixels, 0, 0);
      return canvas;
    }));
    const canvas = new OffscreenCanvas(width ?? across * drawings.length, height ?? across);
    const draw = canvas.getContext('2d');
    draw.imageSmoothingEnabled = false;
    if (width) {
      const desk = draw.createLinearGradient(0, 0, width, height);
      desk.addColorStop(0, '#6b5138');
      desk.addColorStop(1, '#a5866a');
      draw.fillStyle = desk;
      draw.fillRect(0, 0, width, height);
      draw.imageSmoothingEnabled = true;
      draw.filter = `blur(${blur}px)`;
      draw.translate(width / 2, height / 2);
      draw.rotate(turn);
      // A letter with its code, 29 of 210 mm wide, at the lower right as on ours, among lines of print.
      const letter = (210 / 29) * across;
      draw.fillStyle = '#f3f0ea';
      draw.fillRect(-letter / 2, -letter * 0.7, letter, letter * 1.4);
      draw.fillStyle = '#333';
      for (let line = 0; line < 24; line += 1) draw.fillRect(-letter * 0.4, -letter * 0.6 + line * letter * 0.03, letter * (0.5 + 0.25 * Math.sin(line * 7)), letter * 0.008);
      draw.drawImage(drawings[0], letter * 0.2, letter * 0.35, across, across);
    } else {
      drawings.forEach((drawing, at) => draw.drawImage(drawing, at * across, 0, across, across));
    }
    const bytes = new Uint8Array(await (await canvas.convertToBlob({ type, quality: 0.85 })).arrayBuffer());
    let text = '';
    for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
    return btoa(text);
  }, { codes: codes.map(url), dark, light, across, width, height, turn, blur, type });
  return Buffer.from(base64, 'base64');
}

// A camera made of a file: what somebody films who holds a phone over a printed code.

import { readFileSync, writeFileSync } from 'node:fs';

const WIDTH = 640;
const HEIGHT = 480;

/**
 * Writes a YUV4MPEG2 film for Chromium's fake camera. Each frame holds the code a little otherwise (place, turn, size, light, sharpness), as
 * hands do: a decoder that fails on a still would fail for ever. `page` is any page of the browser; it draws. `inverted` is a screen in dark mode.
 */
export async function film(page, png, file, { across = 220, inverted = false } = {}) {
  const picture = `data:image/png;base64,${readFileSync(png).toString('base64')}`;
  const frames = await page.evaluate(async ([picture, width, height, across, inverted]) => {
    const code = new Image();
    code.src = picture;
    await code.decode();
    const canvas = new OffscreenCanvas(width, height);
    const draw = canvas.getContext('2d', { willReadFrequently: true });
    const films = [];
    for (let frame = 0; frame < 10; frame += 1) {
      const sway = Math.sin(frame * 1.3);
      draw.setTransform(1, 0, 0, 1, 0, 0);
      draw.filter = 'none';
      draw.fillStyle = '#8a8177';
      draw.fillRect(0, 0, width, height);
      draw.translate(width / 2 + 12 * sway, height / 2 + 9 * Math.cos(frame));
      draw.rotate(0.08 * sway);
      draw.transform(1, 0.03 * sway, -0.02, 1, 0, 0);
      draw.fillStyle = inverted ? '#0d1015' : '#f2efe8';
      draw.fillRect(-across * 0.9, -across * 0.75, across * 1.8, across * 1.5);
      draw.filter = `blur(${0.5 + 0.3 * Math.abs(sway)}px) brightness(${0.9 + 0.05 * sway}) ${inverted ? 'invert(0.95)' : ''}`;
      draw.drawImage(code, -across / 2, -across / 2, across, across);
      const pixels = draw.getImageData(0, 0, width, height).data;
      const luma = new Uint8Array(width * height);
      for (let at = 0; at < luma.length; at += 1) {
        luma[at] = (pixels[4 * at] * 77 + pixels[4 * at + 1] * 150 + pixels[4 * at + 2] * 29) >> 8;
      }
      films.push(btoa(luma.reduce((text, byte) => text + String.fromCharCode(byte), '')));
    }
    return films;
  }, [picture, WIDTH, HEIGHT, across, inverted]);

  const colourless = Buffer.alloc((WIDTH * HEIGHT) / 2, 128);
  const parts = [Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420jpeg\n`)];
  for (const frame of frames) parts.push(Buffer.from('FRAME\n'), Buffer.from(frame, 'base64'), colourless);
  writeFileSync(file, Buffer.concat(parts));
}

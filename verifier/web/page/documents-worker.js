// Reads one document off the page's thread.

import { Engine } from "./engine.js";

onmessage = ({ data: { module, bytes } }) => {
  try {
    postMessage({ answer: new Engine(module).document(bytes) });
  } catch (error) {
    postMessage({ error: String(error) });
  }
};

// Looks for QR codes off the page's thread, with an instance of the engine of its own.

import { Engine } from "./engine.js";

let engine;

onmessage = ({ data }) => {
  try {
    if (data.module) engine = new Engine(data.module);
    else postMessage({ question: data.question, texts: engine.scan(data.image, data.how) });
  } catch (error) {
    postMessage({ error: String(error) });
  }
};

// A worker: one instance of the module, one question after the other.

import { Library } from "./library.js";

let module = null, library = null, current = 0;

onmessage = async ({ data }) => {
  module ??= data.module;
  const { question } = data, { id } = question;
  current = id;
  try {
    library ??= await Library.of(module, (progress) => postMessage({ id: current, progress }));
    const answer = library.solve(question);
    postMessage({ id, answer }, [answer.map.buffer, answer.partners.buffer, answer.paths.buffer]);
  } catch (error) {
    library = null; // the next question gets a fresh instance
    postMessage({ id, refused: error.message });
  }
};

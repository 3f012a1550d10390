// Repairs a file beside the page, so that the page stays responsive.

import { repair } from "./repairing.js";

onmessage = async ({ data: { file, plan } }) => {
  let shown = 0;
  const onProgress = (share) => {
    if (share - shown < 0.01 && share < 1) return;
    shown = share;
    postMessage({ share });
  };
  try {
    postMessage({ done: await repair(file, plan, onProgress) });
  } catch (failure) {
    postMessage({ failure: failure.message });
  }
};

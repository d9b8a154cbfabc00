/* A web page that does what the window does: asks, reads the stream, shows the answer as it grows.

   The text is rendered at 30 Hz, and the page scrolls along. When the answer has ended it reports
   the longest time between two beats of its thread, which is a time in which nothing is answered. */

import { useEffect, useState } from "react";
import { createRoot } from "react-dom/client";

const RENDERS_PER_SECOND = 30;
const BEAT_MS = 4;
const AFTERWARDS_MS = 700;

async function* deltas(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const events = (rest + value).split("\n\n");
    rest = events.pop();
    for (const event of events) {
      if (event !== "data: [DONE]") {
        yield JSON.parse(event.slice(6)).choices[0].delta.content ?? "";
      }
    }
  }
}

function beat() {
  let longest = 0;
  let last = performance.now();
  setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last - BEAT_MS);
    last = now;
  }, BEAT_MS);
  return () => longest;
}

async function follow(show) {
  const longest = beat();
  let text = "";
  let shown = text;
  const timer = setInterval(() => {
    if (shown !== text) show((shown = text));
  }, 1000 / RENDERS_PER_SECOND);
  const response = await fetch("/v1/chat/completions", { method: "POST", body: "{}" });
  for await (const delta of deltas(response)) text += delta;
  clearInterval(timer);
  show(text);
  await new Promise((resolve) => setTimeout(resolve, AFTERWARDS_MS));
  const report = { stretch_ms: longest(), characters: document.body.innerText.length };
  await fetch("/report", { method: "POST", body: JSON.stringify(report) });
}

export function run(Answer) {
  function Page() {
    const [text, show] = useState("");
    useEffect(() => {
      follow(show);
    }, []);
    useEffect(() => {
      window.scrollTo(0, document.body.scrollHeight);
    }, [text]);
    return (
      <main>
        <Answer>{text}</Answer>
      </main>
    );
  }
  createRoot(document.getElementById("root")).render(<Page />);
}

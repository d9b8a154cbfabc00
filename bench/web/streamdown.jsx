/* The best of the web: streamdown keeps the blocks that are finished. */

import { Streamdown } from "streamdown";

import { run } from "./page.jsx";

run(({ children }) => <Streamdown isAnimating>{children}</Streamdown>);

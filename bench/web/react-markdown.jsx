/* The usual way: the whole text goes through react-markdown at every render. */

import Markdown from "react-markdown";
import remarkGfm from "remark-gfm";

import { run } from "./page.jsx";

const PLUGINS = [remarkGfm];

run(({ children }) => <Markdown remarkPlugins={PLUGINS}>{children}</Markdown>);

// main.jsx: begins.

import { render } from "preact";
import { App } from "./app.jsx";
import { begin } from "./session.js";

begin();
render(<App />, document.getElementById("page"));

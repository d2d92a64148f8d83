// The policy forbids scripts in the page, so this file does what govuk-frontend's inline
// line would do, then starts its components.
import { initAll } from "./govuk-frontend.min.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
initAll();

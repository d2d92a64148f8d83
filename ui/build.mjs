// Compiles extricate.scss and copies govuk-frontend's script beside it.
import { readFileSync, writeFileSync } from "node:fs";
import { compile } from "sass";

const target = "../portal/static/portal";
const kit = "node_modules/govuk-frontend/dist/govuk";

const { css } = compile("extricate.scss", {
  style: "compressed",
  loadPaths: ["node_modules/govuk-frontend/dist"],
  quietDeps: true,
});
// Our policy lets pictures and fonts come from our own origin alone, as files.
if (/data:|url\(|@import/.test(css)) {
  throw new Error("The style sheet refers to something outside itself.");
}
writeFileSync(`${target}/extricate.css`, css);

// As shipped, but for the line naming a source map that we do not serve.
const script = readFileSync(`${kit}/govuk-frontend.min.js`, "utf8");
writeFileSync(
  `${target}/govuk-frontend.min.js`,
  script.replace(/\/\/# sourceMappingURL=\S+\s*$/, "\n"),
);

// Parse every chart in a folder with both versions of mermaid: node parse.mjs FOLDER
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { JSDOM } from "jsdom";

const { window } = new JSDOM("");
globalThis.window = window;
globalThis.document = window.document;

const parsers = { "mermaid 12": await import("mermaid"), "mermaid 11": await import("mermaid-11") };
const folder = process.argv[2];
const charts = readdirSync(folder).filter((name) => name.endsWith(".mmd"));
let failed = charts.length === 0 ? 1 : 0;
for (const name of charts) {
  const text = readFileSync(join(folder, name), "utf8");
  for (const [version, { default: mermaid }] of Object.entries(parsers)) {
    try {
      const { diagramType } = await mermaid.parse(text);
      if (diagramType !== "xychart") throw new Error(`it is a ${diagramType}`);
    } catch (error) {
      failed += 1;
      console.error(`${version} refuses ${name}: ${error.message}\n${text}`);
    }
  }
}
console.log(`${charts.length} different charts, ${failed} refused`);
process.exit(failed ? 1 : 0);

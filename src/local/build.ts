/** `npm run build`: one file for `func start` and Azure, without node_modules. */
import { build } from "esbuild";

await build({
  entryPoints: ["src/main.ts"],
  outfile: "dist/main.js",
  bundle: true,
  minify: true,
  platform: "node",
  format: "esm",
  target: "node22",
  // The host supplies it; bundling a stand-in would silently register nothing.
  external: ["@azure/functions-core"],
  // The Functions library asks for its core with `require`, which an ES module does not have.
  banner: { js: 'import{createRequire}from"node:module";const require=createRequire(import.meta.url);' },
  logLevel: "warning",
});

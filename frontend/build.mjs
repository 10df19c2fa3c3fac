// One build for everything a browser loads. Output: build/static (git-ignored), read by collectstatic.
// Icons: add the name (tabler.io/icons) to frontend/icons.txt; templates say {% icon "check" %}.
import esbuild from "esbuild";
import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";
const require = createRequire(import.meta.url);
const watch = process.argv.includes("--watch");
const t0 = performance.now();
const final = "build/static";
// Build beside the old files and change places at the end: a server that is running never misses one.
const out = watch ? final : `build/.next-${process.pid}`;
const fail = () => { if (!watch) fs.rmSync(out, { recursive: true, force: true }); process.exit(1); };
for (const d of ["icons", "fonts", "data", "js", "css"]) fs.mkdirSync(path.join(out, d), { recursive: true });

// 1. icons -> one sprite; an unknown name fails the build
const set = JSON.parse(fs.readFileSync(require.resolve("@iconify-json/tabler/icons.json"), "utf8"));
const names = fs.readFileSync("frontend/icons.txt", "utf8").split(/\s+/).filter(Boolean).sort();
const missing = names.filter((n) => !set.icons[n]);
if (missing.length) { console.error("unknown icons:", missing.join(" ")); fail(); }
const body = (n) => set.icons[n].body.replace(/ (fill="none"|stroke="currentColor"|stroke-linecap="round"|stroke-linejoin="round"|stroke-width="2")/g, "");
fs.writeFileSync(`${out}/icons/sprite.svg`, `<svg xmlns="http://www.w3.org/2000/svg">${names.map((n) => `<symbol id="${n}" viewBox="0 0 24 24">${body(n)}</symbol>`).join("")}</svg>`);
fs.writeFileSync(`${out}/icons/chevron.svg`, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#7d8794" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"><path d="m8 9 4-4 4 4M16 15l-4 4-4-4"/></svg>`);

// 2. fonts
for (const f of ["inter-latin-wght-normal.woff2", "inter-latin-ext-wght-normal.woff2"])
  fs.copyFileSync(path.join(path.dirname(require.resolve("@fontsource-variable/inter/package.json")), "files", f), `${out}/fonts/${f}`);

// 3. emoji names per UI language, slimmed from 580 KB to what the picker needs
for (const [lang, dir] of [["en", "en"], ["fr", "fr"], ["pt-br", "pt"]]) {
  const d = JSON.parse(fs.readFileSync(require.resolve(`emojibase-data/${dir}/compact.json`), "utf8"));
  fs.writeFileSync(`${out}/data/emoji-${lang}.json`, JSON.stringify(d.filter((e) => e.group !== undefined && e.group !== 2).sort((a, b) => a.order - b.order).map((e) => [e.unicode, e.label, (e.tags || []).join(" "), e.group])));
}

// 4. scripts and 5. styles
const js = { entryPoints: fs.readdirSync("frontend/js").filter((f) => f.endsWith(".js")).map((f) => "frontend/js/" + f), outdir: `${out}/js`, bundle: true, minify: !watch, sourcemap: watch ? "inline" : false, format: "esm", target: "es2022", logLevel: "warning", legalComments: "none" };
const tw = ["node_modules/@tailwindcss/cli/dist/index.mjs", "-i", "frontend/css/app.css", "-o", `${out}/css/app.css`];
if (watch) { (await esbuild.context(js)).watch(); spawn(process.execPath, [...tw, "--watch=always"], { stdio: "inherit" }); }
else {
  await esbuild.build(js);
  const r = spawnSync(process.execPath, [...tw, "--minify"], { encoding: "utf8" });
  if (r.status !== 0) { console.error(r.stdout, r.stderr); fail(); }
  const old = `build/.old-${process.pid}`;
  if (fs.existsSync(final)) fs.renameSync(final, old);
  fs.renameSync(out, final);
  fs.rmSync(old, { recursive: true, force: true });
  console.log(`built in ${Math.round(performance.now() - t0)} ms`);
}

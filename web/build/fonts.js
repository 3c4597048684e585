// Cuts Be Vietnam Pro down to the letters that Vietnamese and English pages use: half the bytes of the whole files.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import subsetFont from "subset-font";

const require = createRequire(import.meta.url);
const WEIGHTS = [400, 600];

const span = (first, last) =>
  Array.from({ length: last - first + 1 }, (_, at) => String.fromCodePoint(first + at)).join("");

// Vietnamese letters first: the page is Vietnamese, and its plain letters need both files.
const ALPHABETS = {
  vietnamese: "ĂăĐđĨĩŨũƠơƯư₫" + span(0x1ea0, 0x1ef9),
  latin: span(0x20, 0x7e) + "\u00a0©°²³µ·×ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝàáâãèéêìíòóôõùúý–—‘’“”…→←−",
};
const RANGES = {
  vietnamese: "U+0102-0103,U+0110-0111,U+0128-0129,U+0168-0169,U+01A0-01A1,U+01AF-01B0,U+0300-0301,"
    + "U+0303-0304,U+0308-0309,U+0323,U+0329,U+1EA0-1EF9,U+20AB",
  latin: "U+0000-00FF,U+2013-2014,U+2018-2019,U+201C-201D,U+2026,U+2190,U+2192,U+2212",
};

async function cut(alphabet, weight) {
  const file = require.resolve(
    `@fontsource/be-vietnam-pro/files/be-vietnam-pro-${alphabet}-${weight}-normal.woff2`,
  );
  return subsetFont(await readFile(file), ALPHABETS[alphabet], { targetFormat: "woff2" });
}

function face(alphabet, weight, url) {
  return `@font-face{font-family:"Be Vietnam Pro";font-style:normal;font-weight:${weight};font-display:swap;`
    + `src:url(${url}) format("woff2");unicode-range:${RANGES[alphabet]}}`;
}

/** Vite plugin: `import "virtual:fonts.css"` gives the font faces, with the cut files as hashed assets. */
export function fonts() {
  const name = "virtual:fonts.css";
  return {
    name: "huong-fonts",
    resolveId: (id) => (id === name ? `\0${name}` : undefined),
    async load(id) {
      if (id !== `\0${name}`) return undefined;
      const faces = [];
      for (const weight of WEIGHTS) {
        for (const alphabet of Object.keys(ALPHABETS)) {
          const reference = this.emitFile({
            type: "asset",
            name: `be-vietnam-pro-${alphabet}-${weight}.woff2`,
            source: await cut(alphabet, weight),
          });
          faces.push(face(alphabet, weight, `__VITE_ASSET__${reference}__`));
        }
      }
      return faces.join("\n");
    },
  };
}

// What draws maps outside the browser (Mapnik, print, glyph PBFs) needs whole TrueType files, by their own names.
const MAP_STYLES = { Regular: "400Regular", Medium: "500Medium", SemiBold: "600SemiBold", Italic: "400Regular_Italic" };

/** Vite plugin: `fonts/BeVietnamPro-<Style>.ttf` and their licence, unhashed, beside the built pages. */
export function mapFonts() {
  const folder = "@expo-google-fonts/be-vietnam-pro";
  const files = Object.entries(MAP_STYLES)
    .map(([style, source]) => [`BeVietnamPro-${style}.ttf`, `${source}/BeVietnamPro_${source}.ttf`]);
  return {
    name: "huong-map-fonts",
    apply: "build",
    async buildStart() {
      for (const [name, source] of [...files, ["OFL.txt", "LICENSE_FONT"]]) {
        const content = await readFile(require.resolve(`${folder}/${source}`));
        this.emitFile({ type: "asset", fileName: `fonts/${name}`, source: content });
      }
    },
  };
}

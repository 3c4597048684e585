import { defineConfig } from "vite";
import { fonts, mapFonts } from "./build/fonts.js";

export default defineConfig({
  base: "/static/",
  plugins: [fonts(), mapFonts()],
  worker: { format: "es" },
  build: {
    outDir: "dist",
    manifest: true,
    modulePreload: { polyfill: false },
    target: "es2022",
    // A font inside the CSS would be fetched whether or not its letters are on the page.
    assetsInlineLimit: 0,
    rolldownOptions: { input: { city: "src/city.ts", "style-editor": "src/style-editor.ts", "place-picker": "src/place-picker.ts" } },
  },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});

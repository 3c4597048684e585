import nounsanitized from "eslint-plugin-no-unsanitized";
import tseslint from "typescript-eslint";

export default tseslint.config(
  ...tseslint.configs.strictTypeChecked,
  nounsanitized.configs.recommended,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // Lit's unsafeHTML would carry data into the page as markup.
      "no-restricted-imports": ["error", { patterns: ["lit/directives/unsafe-*"] }],
    },
  },
);

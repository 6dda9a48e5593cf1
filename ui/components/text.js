// Words and how much room they take.

export const fillIn = (template, values) => template.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

export const isJapanese = (text) => [...text].some((c) => c > "\u2e7f");

// Rough width in em of a text in a proportional font with tabular digits.
export function ems(text) {
  let sum = 0;
  for (const c of text) sum += c > "\u2e7f" ? 1 : /[.,:;'|!il \u00a0\u202f]/.test(c) ? 0.3 : /[%mwMW]/.test(c) ? 0.88 : 0.58;
  return sum;
}

export const widest = (texts) => texts.reduce((most, text) => Math.max(most, ems(text)), 0);

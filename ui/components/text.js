// Words and how much room they take.

// A placeholder is {name}; {name:image|images} is the word that goes with that number, as in ui/texts/__init__.py.
export const fillIn = (template, values) =>
  template.replace(/\{(\w+)(?::([^|}]*)\|([^}]*))?\}/g, (whole, name, one, many) => {
    const value = values[name];
    if (value === undefined) return whole;
    return one === undefined ? value : String(value) === "1" ? one : many;
  });

// The same with **words** that stand out, as nodes. What is filled in is never read for signs.
export function rich(template, values) {
  return template.split("**").map((piece, place) => {
    const text = document.createTextNode(fillIn(piece, values));
    if (place % 2 === 0) return text;
    const strong = document.createElement("strong");
    strong.append(text);
    return strong;
  });
}

export const isJapanese = (text) => [...text].some((c) => c > "\u2e7f");

// Rough width in em of a text in a proportional font with tabular digits.
export function ems(text) {
  let sum = 0;
  for (const c of text) sum += c > "\u2e7f" ? 1 : /[.,:;'|!il \u00a0\u202f]/.test(c) ? 0.3 : /[%mwMW]/.test(c) ? 0.88 : 0.58;
  return sum;
}

export const widest = (texts) => texts.reduce((most, text) => Math.max(most, ems(text)), 0);

// A worksheet that is filled in on the screen: saves what is to be handed in, and checks all answers at once.
"use strict";

const quiz = JSON.parse(document.getElementById("quiz").textContent);
const form = document.forms[0];
const said = document.getElementById("said");

// As read_answer in questions.py.
const NUMBER = /^([0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,9})(\.[0-9]{0,9})?(%?)(?:枚|images?)?$/;

function readAnswer(given, { options, unit }) {
  const text = given.trim();
  if (!unit) return options.includes(text) ? text : "";
  const found = NUMBER.exec(text.normalize("NFKC").toLowerCase().replace(/\s/g, ""));
  if (!found) return "";
  const [, whole, fraction = "", sign] = found;
  let value = Number(whole.replaceAll(",", "") + fraction);
  if (unit === "images") return Number.isInteger(value) && !sign ? String(value) : "";
  if (fraction && !sign && value <= 1) value *= 100;
  return String(Math.floor(value + 0.5));
}

const field = (name) => form.elements[name]?.value ?? "";
const given = () => quiz.questions.map((_, number) => field(`q${number + 1}`).trim());
const say = (text) => (said.textContent = text);
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const separator = document.documentElement.lang === "ja" ? "、" : ", ";
const numbers = (chosen) => chosen.map((number) => number + 1).join(separator);

function fileName() {
  const who = (field("number") || field("name")).trim().replace(/[\\/:*?"<>|\s.]+/g, "_").slice(0, 40);
  return `hand-in-${quiz.quiz}-${who}.json`;
}

function download(text, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

let warned = "";
function save() {
  if (!field("name").trim() && !field("number").trim()) {
    say(quiz.words.needs_name);
    form.elements.name.focus();
    return;
  }
  const answers = given();
  const places = answers.map((_, number) => number);
  const unreadable = places.filter((number) => answers[number] && !readAnswer(answers[number], quiz.questions[number]));
  if (unreadable.length) return say(fill(quiz.words.unreadable, { numbers: numbers(unreadable) }));
  const missing = numbers(places.filter((number) => !answers[number]));
  if (missing && warned !== missing) {
    warned = missing;
    return say(fill(quiz.words.missing, { numbers: missing }));
  }
  warned = "";
  const document = {
    format: "mnistcore quiz hand-in",
    version: 1,
    quiz: quiz.quiz,
    name: field("name").trim(),
    number: field("number").trim(),
    answers,
    saved: new Date().toISOString(),
  };
  const name = fileName();
  download(`${JSON.stringify(document, null, 2)}\n`, name);
  say(fill(quiz.words.saved, { file: name }));
}

const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const bytes = (text) => Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));

// As digest_of in check.py.
async function digestOf(answers, { salt, iterations }) {
  const joined = new TextEncoder().encode(answers.join("\n"));
  const key = await crypto.subtle.importKey("raw", joined, "PBKDF2", false, ["deriveBits"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt: bytes(salt), iterations };
  return hex(new Uint8Array(await crypto.subtle.deriveBits(how, key, 256)));
}

async function check() {
  if (!globalThis.crypto?.subtle) return say(quiz.words.impossible); // only where the page is a file, or served safely
  const answers = given().map((text, number) => readAnswer(text, quiz.questions[number]));
  const missing = numbers(answers.map((_, number) => number).filter((number) => !answers[number]));
  if (missing) return say(fill(quiz.words.open, { numbers: missing }));
  say(quiz.words.waits);
  say((await digestOf(answers, quiz.check)) === quiz.check.digest ? quiz.words.right : quiz.words.wrong);
}

form.addEventListener("submit", (event) => event.preventDefault()); // Enter in a field saves nothing
document.getElementById("save").addEventListener("click", save);
document.getElementById("check")?.addEventListener("click", check);
document.querySelector(".actions").hidden = false;
